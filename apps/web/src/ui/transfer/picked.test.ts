import { expect, test } from 'vitest';
import type { Offerable } from '../../engine/room';
import { apart, bringsText } from './picked';

test('loose files are offered each by itself, and folders whole', () => {
  const files = ['a.png', 'walk/1.png', 'walk/2/3.png', 'b.png', 'notes/x.md'].map(file);
  const empty = { path: 'empty' };
  expect(apart([...files, empty]).map(paths)).toEqual([
    ['a.png'],
    ['walk/1.png', 'walk/2/3.png'],
    ['b.png'],
    ['notes/x.md'],
    ['empty'],
  ]);
});

test('two pictures of one name are two', () => {
  expect(apart([file('image.png'), file('image.png')])).toHaveLength(2);
});

test('many files are one heap', () => {
  const some = Array.from({ length: 20 }, (_, at) => file(`${at}.png`));
  expect(apart(some)).toHaveLength(20);
  expect(apart([...some, file('one more.png')])).toHaveLength(1);
  expect(apart([])).toEqual([]);
});

test('a picture of a text is no more than the text', () => {
  expect(bringsText(clipboard('1\t2\n3\t4', 'image.png'))).toBe(true);
  expect(bringsText(clipboard('', 'image.png'))).toBe(false);
  expect(bringsText(clipboard('a.png\nb.png', 'a.png', 'b.png'))).toBe(false);
  expect(bringsText(clipboard('/home/ann/a.png', 'a.png'))).toBe(false);
});

function clipboard(text: string, ...names: string[]): Parameters<typeof bringsText>[0] {
  const files = names.map((name) => new File([], name));
  return { getData: () => text, files: files as unknown as FileList };
}

function file(path: string): Offerable {
  return { path, file: new File([], path) };
}

function paths(files: Offerable[]): string[] {
  return files.map(({ path }) => path);
}
