import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryShelf } from './memory';
import type { Input } from './module';
import { Store } from './store';

const MIB = 1024 * 1024;

/** What the browser has for the store. */
const browser = vi.hoisted(() => ({
  disk: { open: vi.fn(), close: vi.fn() } as { open: ReturnType<typeof vi.fn> } | undefined,
}));
vi.mock('./disk', () => ({ Disk: { open: () => Promise.resolve(browser.disk) } }));

describe('small files', () => {
  beforeEach(() => {
    browser.disk = { open: vi.fn(async () => new MemoryShelf()) };
    vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota: 10_000 * MIB, usage: 0 }) } });
  });
  afterEach(() => vi.unstubAllGlobals());

  it('go to the disk once memory is spoken for', async () => {
    const { take } = opened();
    for (let number = 0; number < 65; number++) expect(await take(number)).toBe('sink-opened');
    expect(browser.disk!.open).toHaveBeenCalledTimes(1);
  });

  it('are refused where there is no disk, with how much room there is', async () => {
    browser.disk = undefined;
    const { store, take } = opened();
    for (let number = 0; number < 64; number++) expect(await take(number)).toBe('sink-opened');
    expect(await take(64)).toBe('sink-failed');
    expect(store.noRoom('64')).toEqual({ where: 'memory', wanted: 4 * MIB, left: 0 });
    store.drop('3');
    expect(await take(64)).toBe('sink-opened');
    expect(store.noRoom('64')).toBeUndefined();
  });
});

it('a large file that the disk has no room for is refused with how much there is', async () => {
  browser.disk = { open: vi.fn() };
  vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota: 9 * MIB, usage: 2 * MIB }) } });
  const { store, take } = opened();
  expect(await take(0, 8 * MIB)).toBe('sink-failed');
  expect(store.noRoom('0')).toEqual({ where: 'disk', wanted: 8 * MIB, left: 7 * MIB });
  vi.unstubAllGlobals();
});

/** A store, and what it reports of each transfer that it is to take. */
function opened(): { store: Store; take: (number: number, size?: number) => Promise<Input['type']> } {
  const store = new Store();
  let heard: (type: Input['type']) => void = () => undefined;
  store.listen(({ type }) => heard(type), () => undefined);
  const take = (number: number, size = 4 * MIB): Promise<Input['type']> =>
    new Promise((resolve) => {
      heard = resolve;
      store.execute({ type: 'open-sink', transfer: String(number), run: 1, size, wanted: size });
    });
  return { store, take };
}
