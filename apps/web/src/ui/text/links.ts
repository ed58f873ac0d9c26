// Finds addresses in a text.

/** A run of plain text, or an address to go to. */
export type Run = { type: 'text'; text: string } | { type: 'link'; text: string; href: string };

/** Splits a text into runs. Only `http` and `https` become links. */
export function linkify(text: string): Run[] {
  const runs: Run[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trimEnd(found);
    const href = safeHref(address);
    if (!href) continue;
    if (index > done) runs.push({ type: 'text', text: text.slice(done, index) });
    runs.push({ type: 'link', text: address, href });
    done = index + address.length;
  }
  if (done < text.length) runs.push({ type: 'text', text: text.slice(done) });
  return runs;
}

/** The address as the browser will go to it; nothing if it is none that is safe to go to. */
export function safeHref(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const plain = url.username === '' && url.password === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}

/** What ends a sentence is rarely part of an address, nor is a bracket that was not opened in it. */
function trimEnd(address: string): string {
  let end = address.length;
  while (end > 0 && (TRAILING.test(address[end - 1]!) || closesNothing(address.slice(0, end)))) end--;
  return address.slice(0, end);
}

function closesNothing(address: string): boolean {
  const opening = { ')': '(', ']': '[' }[address.at(-1)!];
  if (opening === undefined) return false;
  const count = (letter: string): number => address.split(letter).length;
  return count(address.at(-1)!) > count(opening);
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"`]{1,2048}/giu;
const TRAILING = /[.,;:!?'*_~’”]/u;
