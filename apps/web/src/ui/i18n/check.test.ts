import { expect, test } from 'vitest';
import { checkNames } from './check';

test('every emoji of the check has a name of its own in each language', () => {
  const places = Array.from({ length: 64 }, (_, place) => place);
  for (const language of ['de', 'es'] as const) {
    const names = checkNames(language, { peer: '', emoji: [], names: [], places });
    expect(new Set(names.filter(Boolean)).size, language).toBe(64);
  }
});
