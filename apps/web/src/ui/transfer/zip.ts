// Several files as one, for browsers that download one at a time: a ZIP archive without compression
// (APPNOTE.TXT 6.3.10). It refers to the files where they are. What packs streams would have to put
// a copy of everything somewhere first, and a phone has neither the memory nor the disk for that.

/** A file, and its path in the archive, with slashes. */
export interface Packed {
  path: string;
  blob: Blob;
}

/** An entry as both of its headers have it (§4.4). */
export interface ZipEntry {
  path: Uint8Array<ArrayBuffer>;
  size: number;
  crc: number;
  /** Where its local header begins. */
  at: number;
}

/** Packs files. Each is read once, for its checksum. */
export async function zip(files: Packed[], now = new Date()): Promise<Blob> {
  const parts: BlobPart[] = [];
  const entries: ZipEntry[] = [];
  let at = 0;
  for (const { path, blob } of files) {
    const entry = { path: new TextEncoder().encode(path), size: blob.size, crc: await crc32(blob), at };
    const header = localHeader(entry, now);
    parts.push(header, blob);
    entries.push(entry);
    at += header.byteLength + blob.size;
  }
  return new Blob([...parts, ...directory(entries, at, now)], { type: 'application/zip' });
}

/** What stands before a file (§4.3.7). */
export function localHeader(entry: ZipEntry, now: Date): Uint8Array<ArrayBuffer> {
  const { path, size } = entry;
  const large = numbers(isLarge(entry) ? [[2, ZIP64], [2, 16], [8, size], [8, size]] : []);
  const head = numbers([[4, 0x04034b50], ...common(entry, now), [2, path.length], [2, large.length]]);
  return join(head, path, large);
}

/** What stands behind all files: the directory that begins at `at`, and its end (§4.3.12 to 16). */
export function directory(entries: ZipEntry[], at: number, now: Date): Array<Uint8Array<ArrayBuffer>> {
  const headers = entries.map((entry) => centralHeader(entry, now));
  const size = headers.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  const end = at + size;
  const isLarge = end >= MOST_BYTES || count >= MOST_FILES;
  const large: Field[] = [
    [4, 0x06064b50], [8, 44], [2, VERSION], [2, VERSION], [4, 0], [4, 0],
    [8, count], [8, count], [8, size], [8, at],
    [4, 0x07064b50], [4, 0], [8, end], [4, 1],
  ];
  const files = Math.min(count, MOST_FILES);
  const last: Field[] = [
    [4, 0x06054b50], [2, 0], [2, 0], [2, files], [2, files],
    [4, Math.min(size, MOST_BYTES)], [4, Math.min(at, MOST_BYTES)], [2, 0],
  ];
  return [...headers, numbers(isLarge ? large : []), numbers(last)];
}

/** An entry of the directory (§4.3.12). */
function centralHeader(entry: ZipEntry, now: Date): Uint8Array<ArrayBuffer> {
  const { path, size, at } = entry;
  const large = numbers(isLarge(entry) ? [[2, ZIP64], [2, 24], [8, size], [8, size], [8, at]] : []);
  const head = numbers([
    [4, 0x02014b50], [2, VERSION], ...common(entry, now),
    [2, path.length], [2, large.length], [2, 0], [2, 0], [2, 0], [4, 0],
    [4, isLarge(entry) ? MOST_BYTES : at],
  ]);
  return join(head, path, large);
}

/** What both headers of an entry have in common. */
function common(entry: ZipEntry, now: Date): Field[] {
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const date = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  const size = isLarge(entry) ? MOST_BYTES : entry.size;
  return [[2, VERSION], [2, UTF_8], [2, STORED], [2, time], [2, date], [4, entry.crc], [4, size], [4, size]];
}

/** Whether its numbers need more than 32 bits, and stand in the extra field of ZIP64 (§4.5.3). */
function isLarge({ size, at }: ZipEntry): boolean {
  return size >= MOST_BYTES || at >= MOST_BYTES;
}

/** A number, and how many bytes it takes. */
type Field = [bytes: 2 | 4 | 8, value: number];

/** Numbers one after the other, each with its lowest byte first. */
function numbers(fields: Field[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [length, value] of fields) {
    if (length === 2) view.setUint16(at, value, true);
    else if (length === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += length;
  }
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The checksum of a file (§4.4.7). */
async function crc32(blob: Blob): Promise<number> {
  const reader = blob.stream().getReader();
  let crc = -1;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ~crc >>> 0;
    for (let at = 0; at < value.length; at++) crc = TABLE[(crc ^ value[at]!) & 0xff]! ^ (crc >>> 8);
  }
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** What fits into the fields of the first ZIP; as a value it says to look into those of ZIP64. */
const MOST_BYTES = 0xffffffff;
const MOST_FILES = 0xffff;

/** The kind of the extra field of ZIP64 (§4.5.3). */
const ZIP64 = 1;

/** Who wrote it, and who can read it: whoever knows ZIP64, as 4.5 is the first to (§4.4.3.2). */
const VERSION = 45;

/** Paths are UTF-8 (§4.4.4, bit 11). */
const UTF_8 = 1 << 11;

/** Not compressed (§4.4.5). */
const STORED = 0;
