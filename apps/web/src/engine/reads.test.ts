import { describe, expect, it } from 'vitest';
import { Reads } from './reads';

describe('a read', () => {
  it('gets the bytes that belong to it', async () => {
    const reads = new Reads();
    const asked: number[] = [];
    const [one, two] = [0, 1].map(() => reads.start((id) => asked.push(id), () => undefined));
    reads.resolve(asked[1]!, Promise.resolve(new Uint8Array([2])));
    reads.resolve(asked[0]!, Promise.resolve(new Uint8Array([1])));
    expect(await one).toEqual(new Uint8Array([1]));
    expect(await two).toEqual(new Uint8Array([2]));
  });

  it('is forgotten when nobody waits for it', async () => {
    const reads = new Reads();
    const forgotten: number[] = [];
    const abort = new AbortController();
    const read = reads.start(() => undefined, (id) => forgotten.push(id), abort.signal);
    abort.abort(new Error('never mind'));
    await expect(read).rejects.toThrow('never mind');
    expect(forgotten).toHaveLength(1);
  });

  it('fails when the room is left', async () => {
    const reads = new Reads();
    const read = reads.start(() => undefined, () => undefined);
    reads.close();
    await expect(read).rejects.toThrow('left');
  });
});
