import { expect, test } from 'vitest';
import { readRange } from './range';

test('a player gets the range it asks for, as far as there is one', () => {
  const size = 1_000;
  for (const [asked, range] of [
    [null, [0, 1_000]],
    ['bytes=0-', [0, 1_000]],
    ['bytes=10-19', [10, 20]],
    ['bytes=990-5000', [990, 1_000]],
    ['bytes=-10', [990, 1_000]],
    ['bytes=-5000', [0, 1_000]],
  ] as const) {
    const [start, end] = range;
    expect(readRange(asked, size), asked ?? 'all').toEqual({ start, end });
  }
});

test('what is no single range of the file is refused', () => {
  const nonsense = ['bytes=-', 'bytes=1000-', 'bytes=20-10', 'bytes=-0', 'bytes=0-1,3-4', 'items=0-1', 'bytes=1e3-', ''];
  for (const asked of nonsense) expect(readRange(asked, 1_000), asked).toBeUndefined();
  expect(readRange('bytes=0-', 0)).toBeUndefined();
});
