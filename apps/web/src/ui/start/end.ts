// Why a room is over, in words.

import type { Strings } from '../i18n/en';
import type { End } from '../state/model';

/** What is said of an end; `entered` if this person was in the room. */
export function endWords(end: End, { end: t }: Strings, entered: boolean): { title: string; text: string } {
  if (end.type === 'crashed') return t.crashed;
  if (end.reason === 'room-not-found' && entered) return t.gone;
  const { title, text } = t[end.reason];
  return { title, text: end.refusal ? t.refusals[end.refusal] : text };
}
