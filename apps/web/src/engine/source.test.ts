import { describe, expect, it } from 'vitest';
import { PART_BYTES, Source } from './source';

/** A blob of numbered bytes that counts how often it is read. */
function counted(size: number): { source: Source; reads: () => number } {
  const bytes = new Uint8Array(size).map((_, at) => at % 251);
  const blob = new Blob([bytes]);
  let reads = 0;
  const slice = blob.slice.bind(blob);
  blob.slice = (...range) => (reads++, slice(...range));
  return { source: new Source(blob), reads: () => reads };
}

describe('a source', () => {
  it('gives the bytes that were asked for', async () => {
    const { source } = counted(PART_BYTES + 100);
    expect([...(await source.read(300, 303))]).toEqual([49, 50, 51]);
    const across = await source.read(PART_BYTES - 1, PART_BYTES + 1);
    expect([...across]).toEqual([(PART_BYTES - 1) % 251, PART_BYTES % 251]);
    expect((await source.read(PART_BYTES, PART_BYTES + 100)).length).toBe(100);
  });

  it('reads ahead', async () => {
    const { source, reads } = counted(PART_BYTES);
    for (let at = 0; at < PART_BYTES; at += PART_BYTES / 4) await source.read(at, at + PART_BYTES / 4);
    expect(reads()).toBe(1);
  });

  it('says so when what it has read ends too early', async () => {
    const { source } = counted(10);
    await expect(source.read(5, 20)).rejects.toThrow();
  });
});
