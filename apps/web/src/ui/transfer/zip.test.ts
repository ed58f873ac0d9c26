import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { directory, localHeader, zip } from './zip';

const NOON = new Date(2026, 4, 3, 12, 30, 20);

describe('files packed as one', () => {
  it('are read again by others, with their folders and every letter of their names', async () => {
    const files = { 'reise/größe.txt': 'eins', 'reise/leer.txt': '', 'reise/fotos/bild.bin': 'z'.repeat(200_000) };
    const packed = await zip(Object.entries(files).map(([path, text]) => ({ path, blob: new Blob([text]) })));
    const read = unzipSync(new Uint8Array(await packed.arrayBuffer()));
    const texts = Object.entries(read).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]);
    expect(Object.fromEntries(texts)).toEqual(files);
  });

  it('tell their checksums and their time', async () => {
    const packed = await zip([{ path: 'a', blob: new Blob(['123456789']) }], NOON);
    const view = new DataView(await packed.arrayBuffer());
    // The value that tells this checksum from all others of 32 bits.
    expect(view.getUint32(14, true)).toBe(0xcbf43926);
    expect([view.getUint16(10, true), view.getUint16(12, true)]).toEqual([(12 << 11) | (30 << 5) | 10, (46 << 9) | (5 << 5) | 3]);
  });

  it('may be larger than 32 bits can tell', () => {
    const path = new TextEncoder().encode('film');
    const [size, at] = [5_000_000_000, 6_000_000_000];
    const header = view(localHeader({ path, size, crc: 0, at: 0 }, NOON));
    expect([header.getUint32(18, true), header.getUint32(22, true)]).toEqual([0xffffffff, 0xffffffff]);
    expect(long(header, 30 + 4 + 4)).toEqual(size);
    const [entry, large, last] = directory([{ path, size, crc: 0, at }], at + size, NOON).map(view);
    expect([long(entry!, 46 + 4 + 4), long(entry!, 46 + 4 + 20)]).toEqual([size, at]);
    expect([long(large!, 40), long(large!, 48)]).toEqual([entry!.byteLength, at + size]);
    expect(long(large!, 56 + 8)).toBe(at + size + entry!.byteLength);
    expect(last!.getUint32(16, true)).toBe(0xffffffff);
  });
});

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function long(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
