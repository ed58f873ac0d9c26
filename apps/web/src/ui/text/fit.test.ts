import { expect, test } from 'vitest';
import { fitName } from './fit';

test('names keep to the bytes that they may have', () => {
  expect(fitName('Ann')).toBe('Ann');
  expect(fitName('x'.repeat(64))).toHaveLength(64);
  // Three bytes each.
  expect(fitName('猫'.repeat(24))).toBe('猫'.repeat(21));
});

test('a name is cut between what people take for letters', () => {
  const family = '👩‍👩‍👧‍👦';
  expect(fitName(family.repeat(3))).toBe(family.repeat(2));
});
