// Makes what others wrote fit to be shown. It is never changed for anybody else.

/**
 * A name in one line: no control characters, none that turn the direction of writing, no towers of
 * marks. Empty if nothing of it can be seen.
 */
export function tameName(name: string): string {
  const line = tameText(name).replace(/\s+/gu, ' ').trim();
  return VISIBLE.test(line) ? line : '';
}

/** A text: as a name, but with its lines. */
export function tameText(text: string): string {
  return text.replace(CONTROLS, '').replace(TOWERS, '$1');
}

/**
 * Controls but for tab and line feed, what turns the direction of writing, and tags. `dir="auto"`
 * finds the direction by itself.
 */
const CONTROLS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e001f}]/gu;

/** No script stacks more than four marks on a letter. */
const TOWERS = /(\p{M}{4})\p{M}+/gu;

/** Something that leaves ink: neither space nor format nor a lone mark. */
const VISIBLE = /[^\s\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;
