// How the others are called and told apart.

import { tameName } from '../text/tame';
import { type Member, memberOf, type RoomModel } from './model';
import type { Strings } from '../i18n/en';

/** What a member is called here. Two of one name get a few letters of their ids. */
export function nameOf(model: RoomModel, id: string, t: Strings): string {
  if (id === model.entered?.me) return t.room.you;
  const member = memberOf(model, id);
  const name = tameName(member?.nickname ?? '');
  if (name === '') return `${t.room.someone} ${tag(id)}`;
  const twins = model.members.some((other) => other.id !== id && sameName(other.nickname, name));
  return twins || sameName(model.nickname, name) ? `${name} ${tag(id)}` : name;
}

/** Only what is not in doubt may be shown as sure. */
export type Trust = 'compared' | 'verified' | 'unverified' | 'unknown';

export function trustOf({ status, compared }: Member): Trust {
  if (status?.type !== 'connected') return 'unknown';
  if (!status.verified) return 'unverified';
  return compared ? 'compared' : 'verified';
}

/** One of eight hues, the same for everybody. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)!) >>> 0;
  return hash % 8;
}

/** What stands for a member in a small circle. */
export function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name);
  return first?.segment.toLocaleUpperCase() ?? '';
}

/** Bytes a second to and from a member. */
export function rateOf(model: RoomModel, peer: string): number {
  let rate = 0;
  for (const { from, state, receivers } of Object.values(model.transfers)) {
    if (from === peer && state.type === 'receiving' && !state.hold) rate += state.pace.rate;
    for (const { peer: to, state } of receivers) {
      if (to === peer && state.type === 'sending') rate += state.pace.rate;
    }
  }
  return rate;
}

function sameName(one: string, other: string): boolean {
  const plain = (name: string): string => tameName(name).normalize('NFKC').toLocaleLowerCase();
  return plain(one) === plain(other);
}

function tag(id: string): string {
  return id.replace(/[^A-Za-z0-9]/g, '').slice(0, 4);
}
