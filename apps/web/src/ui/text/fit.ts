// Makes what this person wrote fit to be sent.

/** Cuts a name to the bytes that it may have, between what people take for letters. */
export function fitName(name: string): string {
  let fits = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    bytes += new TextEncoder().encode(segment).length;
    if (bytes > NAME_BYTES) break;
    fits += segment;
  }
  return fits;
}

/** As the protocol has it. */
const NAME_BYTES = 64;
