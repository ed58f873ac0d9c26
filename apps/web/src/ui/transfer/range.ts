// Which bytes a player asks for.

/** Bytes from `start` to before `end`. */
export interface Range {
  start: number;
  end: number;
}

/**
 * Reads the header `Range` (RFC 9110 §14.1.2) for a file of that size; all of it where there is no
 * header. Nothing for what cannot be answered, such as several ranges.
 */
export function readRange(header: string | null, size: number): Range | undefined {
  if (header === null) return { start: 0, end: size };
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header) ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < end ? { start, end } : undefined;
}
