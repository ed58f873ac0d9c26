// The markdown of a chat: bold, italic, struck, code, quotes, lists, links. It gives a tree, which is
// drawn as elements; nothing that somebody wrote ever becomes markup.

import { linkify, type Run, safeHref } from './links';

/** A part of a text that stands by itself. */
export type Block =
  | { type: 'paragraph'; content: Span[] }
  | { type: 'heading'; content: Span[] }
  | { type: 'code'; text: string }
  | { type: 'quote'; content: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: Span[][] };

/** A part of a line. */
export type Span =
  | Run
  | { type: 'code'; text: string }
  | { type: 'break' }
  | { type: 'bold' | 'italic' | 'struck'; content: Span[] };

/** Reads a text. */
export function readMarkdown(text: string): Block[] {
  return readBlocks(text.split('\n'), 0);
}

/** The words of a text in one line, without its marks. */
export function plainText(text: string): string {
  const words = (blocks: Block[]): string[] =>
    blocks.flatMap((block) => {
      if (block.type === 'code') return [block.text];
      if (block.type === 'list') return block.items.map(ofSpans);
      return block.type === 'quote' ? words(block.content) : [ofSpans(block.content)];
    });
  const ofSpans = (spans: Span[]): string =>
    spans
      .map((span) => ('content' in span ? ofSpans(span.content) : span.type === 'break' ? ' ' : span.text))
      .join('');
  return words(readMarkdown(text)).join(' ');
}

function readBlocks(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line.trim() === '') {
      at++;
      continue;
    }
    const [block, next] =
      readFence(lines, at) ??
      readQuote(lines, at, depth) ??
      readList(lines, at) ??
      readHeading(line, at) ??
      readParagraph(lines, at);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

type Read = [block: Block, next: number];

function readFence(lines: string[], at: number): Read | undefined {
  if (!FENCE.test(lines[at]!)) return undefined;
  const close = lines.findIndex((line, index) => index > at && line.trim() === '```');
  const end = close < 0 ? lines.length : close;
  return [{ type: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1];
}

function readQuote(lines: string[], at: number, depth: number): Read | undefined {
  if (!QUOTE.test(lines[at]!) || depth >= QUOTES) return undefined;
  const end = endOf(lines, at, (line) => QUOTE.test(line));
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
  return [{ type: 'quote', content: readBlocks(inside, depth + 1) }, end];
}

function readList(lines: string[], at: number): Read | undefined {
  const first = ITEM.exec(lines[at]!);
  if (!first) return undefined;
  const ordered = first[1] !== undefined;
  const end = endOf(lines, at, (line) => {
    const item = ITEM.exec(line);
    return item !== null && (item[1] !== undefined) === ordered;
  });
  const items = lines.slice(at, end).map((line) => readSpans(line.replace(ITEM, '')));
  return [{ type: 'list', ordered, start: Number(first[1] ?? 1), items }, end];
}

function readHeading(line: string, at: number): Read | undefined {
  const text = /^#{1,3} +(.+)$/.exec(line)?.[1];
  return text === undefined ? undefined : [{ type: 'heading', content: readSpans(text) }, at + 1];
}

function readParagraph(lines: string[], at: number): Read {
  const starts = (line: string): boolean =>
    line.trim() === '' || FENCE.test(line) || QUOTE.test(line) || ITEM.test(line);
  const end = Math.max(at + 1, endOf(lines, at, (line) => !starts(line)));
  const content = lines.slice(at, end).flatMap((line, index): Span[] => {
    const spans = readSpans(line);
    return index === 0 ? spans : [{ type: 'break' }, ...spans];
  });
  return [{ type: 'paragraph', content }, end];
}

function endOf(lines: string[], at: number, belongs: (line: string) => boolean): number {
  let end = at;
  while (end < lines.length && belongs(lines[end]!)) end++;
  return end;
}

/** Reads a line. What does not close is text, as is what is nested too deeply. */
export function readSpans(text: string, depth = 0): Span[] {
  const spans: Span[] = [];
  let done = 0;
  const flush = (until: number): void => {
    if (until > done) spans.push(...linkify(text.slice(done, until)));
  };
  const mark = new RegExp(MARK);
  for (let found = mark.exec(text); found && spans.length < SPANS; found = mark.exec(text)) {
    const span = readMarked(found, depth);
    if (!span) continue;
    flush(found.index);
    spans.push(span);
    done = mark.lastIndex;
  }
  flush(text.length);
  return spans;
}

function readMarked({ groups = {} }: RegExpExecArray, depth: number): Span | undefined {
  const { code, label, href, bold, struck, italic, slanted, bare } = groups;
  if (code !== undefined) return { type: 'code', text: code };
  if (bare !== undefined) return linkify(bare).length === 1 ? linkify(bare)[0] : undefined;
  if (label !== undefined && href !== undefined) {
    const safe = safeHref(href);
    return safe === undefined ? undefined : { type: 'link', text: honest(label, safe), href: safe };
  }
  if (depth >= MARKS) return undefined;
  const inside = (content: string): Span[] => readSpans(content, depth + 1);
  if (bold !== undefined) return { type: 'bold', content: inside(bold) };
  if (struck !== undefined) return { type: 'struck', content: inside(struck) };
  const leaning = italic ?? slanted;
  return leaning === undefined ? undefined : { type: 'italic', content: inside(leaning) };
}

/** A label that looks like another address than the one it leads to, with where that is. */
function honest(label: string, href: string): string {
  if (!LOOKS_LIKE_ADDRESS.test(label)) return label;
  const { host } = new URL(href);
  const shown = safeHref(label) ?? safeHref(`https://${label}`);
  return shown !== undefined && new URL(shown).host === host ? label : `${label} (${host})`;
}

/** Letters or digits on both sides of a dot, or of what looks like one. */
const LOOKS_LIKE_ADDRESS = /[\p{L}\p{N}][.\u2024\u3002\uff0e\uff61][\p{L}\p{N}]|:\/\//u;

const FENCE = /^```[\w+#-]{0,20}\s*$/;
const QUOTE = /^> ?/;
const ITEM = /^(?:[-*•]|(\d{1,4})[.)]) +(?=\S)/;

/** Lengths are bounded so that no text takes long to read. */
const MARK = new RegExp(
  [
    '`(?<code>[^`\\n]{1,1000})`',
    '\\[(?<label>[^\\[\\]\\n]{1,200})\\]\\((?<href>https?://[^\\s()]{1,1000})\\)',
    '(?<bare>https?://[^\\s<>"`]{1,2048})',
    '\\*\\*(?<bold>\\S(?:[^\\n]{0,998}?\\S)?)\\*\\*',
    '~~(?<struck>\\S(?:[^\\n]{0,998}?\\S)?)~~',
    '(?<![\\w*])\\*(?<italic>[^\\s*](?:[^*\\n]{0,998}?[^\\s*])?)\\*(?![\\w*])',
    '(?<![\\w_])_(?<slanted>[^\\s_](?:[^_\\n]{0,998}?[^\\s_])?)_(?![\\w_])',
  ].join('|'),
  'giu',
);

/** Quotes within quotes, marks within marks: nobody means more. */
const QUOTES = 3;
const MARKS = 3;

/** Parts of one line; the rest of it is plain. */
const SPANS = 500;
