import { expect, test } from 'vitest';
import { formatFor } from './format';

const format = formatFor('en');

test('sizes have the unit that fits', () => {
  expect(format.size(0)).toBe('0 byte');
  expect(format.size(999)).toBe('999 byte');
  expect(format.size(1_400_000)).toBe('1.4 MB');
  expect(format.size(2 ** 50)).toBe('1,130 TB');
});

test('waits are rounded up to what people count in', () => {
  expect(format.wait(1)).toBe('1 sec');
  expect(format.wait(89_000)).toBe('89 sec');
  expect(format.wait(100_000)).toBe('2 min');
  expect(format.wait(3 * 3_600_000)).toBe('3 hr');
});

test('days are told from today', () => {
  const noon = new Date(2026, 4, 3, 12).getTime();
  expect(format.day(noon, noon)).toBe('today');
  expect(format.day(noon - 86_400_000, noon)).toBe('yesterday');
  expect(format.day(noon - 5 * 86_400_000, noon)).toBe('Tuesday, April 28');
});
