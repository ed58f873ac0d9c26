import { expect, test } from 'vitest';
import { linkify, safeHref } from './links';
import { plainText, readMarkdown, readSpans, type Span } from './markdown';
import { tameName, tameText } from './tame';

test('addresses become links, without what ends the sentence', () => {
  expect(linkify('see https://a.example/x_y_z (or http://b.example/(1)).')).toEqual([
    { type: 'text', text: 'see ' },
    { type: 'link', text: 'https://a.example/x_y_z', href: 'https://a.example/x_y_z' },
    { type: 'text', text: ' (or ' },
    { type: 'link', text: 'http://b.example/(1)', href: 'http://b.example/(1)' },
    { type: 'text', text: ').' },
  ]);
});

test('nothing but http and https is a link', () => {
  const hostile = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'https://user:secret@a.example/',
  ];
  for (const address of hostile) {
    expect(safeHref(address), address).toBeUndefined();
    expect(hrefs(readSpans(`[click](${address}) ${address}`)), address).toEqual([]);
  }
});

test('marks, code and links are read', () => {
  expect(readSpans('**bold** *it* _it_ ~~no~~ `a*b*` [x](https://a.example/)')).toMatchObject([
    { type: 'bold', content: [{ text: 'bold' }] },
    { text: ' ' },
    { type: 'italic', content: [{ text: 'it' }] },
    { text: ' ' },
    { type: 'italic', content: [{ text: 'it' }] },
    { text: ' ' },
    { type: 'struck', content: [{ text: 'no' }] },
    { text: ' ' },
    { type: 'code', text: 'a*b*' },
    { text: ' ' },
    { type: 'link', text: 'x', href: 'https://a.example/' },
  ]);
});

test('a label that looks like an address says where it leads', () => {
  const labelled = (label: string, href: string): unknown =>
    readSpans(`[${label}](${href})`).map((span) => 'text' in span && span.text);
  const evil = 'https://evil.example/x';
  for (const label of [
    'https://bank.example',
    'bank.example/login',
    'Go to bank.example now',
    'https://bank.example@evil.example',
    'bank。example',
    'https://evil.example.bank.example',
  ]) {
    expect(labelled(label, evil), label).toEqual([`${label} (evil.example)`]);
  }
  for (const label of ['my holiday', 'evil.example', 'https://evil.example/other', 'EVIL.example/x', 'Hi. You']) {
    expect(labelled(label, evil), label).toEqual([label]);
  }
  expect(labelled('bücher.example', 'https://bücher.example/')).toEqual(['bücher.example']);
});

test('stars and lines that are no marks stay', () => {
  for (const text of ['2 * 3 * 4', 'snake_case_name', '* ', '**', 'a*b', '__init__.py']) {
    expect(readSpans(text), text).toEqual([{ type: 'text', text }]);
  }
});

test('markup is text', () => {
  const text = '<img src=x onerror=alert(1)><script>alert(1)</script>';
  expect(readMarkdown(text)).toEqual([{ type: 'paragraph', content: [{ type: 'text', text }] }]);
});

test('blocks are read: code, quotes, lists, headings', () => {
  const text = '# Hi\n```js\nlet *a* = 1;\n\n```\n> one\n> > two\n- a\n- b\n3. c\nplain\nagain';
  expect(readMarkdown(text)).toMatchObject([
    { type: 'heading' },
    { type: 'code', text: 'let *a* = 1;\n' },
    { type: 'quote', content: [{ type: 'paragraph' }, { type: 'quote' }] },
    { type: 'list', ordered: false, items: [[{ text: 'a' }], [{ text: 'b' }]] },
    { type: 'list', ordered: true, start: 3, items: [[{ text: 'c' }]] },
    { type: 'paragraph', content: [{ text: 'plain' }, { type: 'break' }, { text: 'again' }] },
  ]);
});

test('an excerpt has the words without the marks', () => {
  expect(plainText('**Hi** _you_\n- `a`\n> b [c](https://d.example/)')).toBe('Hi you a b c');
});

test('every text of a message can be read, and none nests deeply', () => {
  const hostile = ['>', '*', '_', '**', '~~', '`', '[', '](', '```\n', '> ', '- ', '**a', 'https://', '[a](https://'];
  for (const part of hostile) {
    const text = part.repeat(16_384 / part.length);
    expect(depth(readMarkdown(text)), part).toBeLessThan(10);
  }
});

test('names are one line without tricks', () => {
  expect(tameName('  Ann \n\u202eevil\u0007 ')).toBe('Ann evil');
  expect(tameName('\u001b]0;title\u0007Bob')).toBe(']0;titleBob');
  for (const nothing of ['\u200b\u200d', '\u2800', '\u3164', ' \t', '\u0301\u0301', '\u{e0041}']) {
    expect(tameName(nothing), JSON.stringify(nothing)).toBe('');
  }
});

test('towers of marks are cut, what people write is not', () => {
  expect(tameText(`a${'\u0301'.repeat(5_000)}b`)).toBe(`a${'\u0301'.repeat(4)}b`);
  for (const text of ['naïve', 'कि', 'שָׁלוֹם', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'a\tb\nc', 'ảo']) {
    expect(tameText(text), text).toBe(text);
  }
});

function hrefs(spans: Span[]): string[] {
  return spans.flatMap((span) =>
    span.type === 'link' ? [span.href] : 'content' in span ? hrefs(span.content) : [],
  );
}

function depth(tree: unknown): number {
  if (typeof tree !== 'object' || tree === null) return 0;
  const inside = Array.isArray(tree) ? tree : 'content' in tree ? (tree.content as unknown[]) : [];
  return Math.max(0, ...inside.map(depth)) + (Array.isArray(tree) ? 0 : 1);
}
