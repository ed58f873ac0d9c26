import { describe, expect, it } from 'vitest';
import { MemoryShelf } from './memory';

const bytes = (...numbers: number[]): ArrayBuffer => new Uint8Array(numbers).buffer;
const numbers = (buffer: ArrayBuffer): number[] => [...new Uint8Array(buffer)];

describe('a transfer in memory', () => {
  it('is read across pieces, before and after it is complete', async () => {
    const shelf = new MemoryShelf();
    await shelf.write(3, bytes(3, 4, 5));
    await shelf.write(0, bytes(0, 1, 2));
    expect(numbers(await shelf.read(1, 5))).toEqual([1, 2, 3, 4]);
    const blob = await shelf.finish();
    expect(numbers(await blob.arrayBuffer())).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(await shelf.read(1, 5))).toEqual([1, 2, 3, 4]);
  });

  it('keeps its places when some of it is not wanted', async () => {
    const shelf = new MemoryShelf();
    await shelf.write(4, bytes(4, 5));
    const blob = await shelf.finish();
    expect(blob.size).toBe(6);
    expect(numbers(await blob.slice(4).arrayBuffer())).toEqual([4, 5]);
  });
});
