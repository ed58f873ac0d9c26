import { expect, test } from 'vitest';
import type { RoomEvent } from '../../engine/room';
import { addOwn, fold } from './fold';
import { begin, memberOf, reach, type RoomModel } from './model';
import { blocks } from './timeline';
import { offeredBy, type Transfer } from './transfer';

const NOON = Date.UTC(2026, 4, 3, 12);

test('a newcomer is told of once they are connected, and again when they leave', () => {
  const model = room();
  tell(model, { type: 'peer-joined', peer: 'ben' });
  expect(notes(model)).toEqual([]);
  tell(model, connected('ben'), connected('ben'));
  tell(model, { type: 'peer-left', peer: 'ben', goodbye: false });
  expect(notes(model)).toEqual([
    { type: 'joined', peer: 'ben' },
    { type: 'left', peer: 'ben', goodbye: false },
  ]);
});

test('those who were there before are not told of', () => {
  const model = begin('');
  tell(model, { type: 'room', code: 'K7Q4X9-a-b-c-d', me: 'me', peers: ['ann'] }, connected('ann'));
  expect(notes(model)).toEqual([]);
  expect(memberOf(model, 'ann')?.here).toBe(true);
});

test('messages stand in the order that all share, whenever they come', () => {
  const model = room();
  tell(model, said('ann', 1, 5, 'second'), said('ben', 1, 3, 'first'), said('cy', 1, 5, 'third'));
  expect(texts(model)).toEqual(['first', 'second', 'third']);
});

test('who left stays below what was said before, and above what is said after', () => {
  const model = room();
  tell(model, connected('ben'), said('ben', 1, 1, 'bye'));
  tell(model, { type: 'peer-left', peer: 'ben', goodbye: true }, said('cy', 1, 2, 'gone'));
  expect(model.timeline.map(({ kind }) => kind)).toEqual(['note', 'message', 'note', 'message']);
});

test('an edit, a reaction and a deletion change the message', () => {
  const model = room();
  tell(model, said('ann', 1, 1, 'helo'));
  tell(model, { type: 'edited', id: 'ann/1', text: 'hello' });
  tell(model, reacted('ben', '👍', true), reacted('cy', '👍', true), reacted('ben', '👍', false));
  const message = model.messages['ann/1']!;
  expect(message).toMatchObject({ text: 'hello', edited: true, reactions: [{ emoji: '👍', by: ['cy'] }] });
  tell(model, { type: 'deleted', id: 'ann/1' });
  expect(message).toMatchObject({ text: undefined, reactions: [] });
});

test("somebody's clock does not move their messages to another year", () => {
  const model = room();
  tell(model, { ...said('ann', 1, 1, 'x'), sentAt: 2 ** 53 - 1 }, { ...said('ann', 2, 2, 'y'), sentAt: 0 });
  for (const { at } of model.timeline) expect(Math.abs(at - NOON)).toBeLessThanOrEqual(86_400_000);
});

test('a message has arrived once all have it who were there', () => {
  const model = room();
  tell(model, connected('ben'), connected('cy'), said('me', 4, 1, 'hi', true), connected('dora'));
  const message = model.messages['me/4']!;
  tell(model, { type: 'receipt', peer: 'ben', delivered: 4, read: 4 });
  expect(reach(model, message)).toBe('sent');
  tell(model, { type: 'receipt', peer: 'cy', delivered: 4, read: 0 });
  expect(reach(model, message)).toBe('delivered');
  tell(model, { type: 'receipt', peer: 'cy', delivered: 4, read: 5 });
  expect(reach(model, message)).toBe('read');
});

test('what was read stays read when its readers leave', () => {
  const model = room();
  tell(model, connected('ben'), connected('cy'), said('me', 1, 1, 'hi', true));
  tell(model, { type: 'receipt', peer: 'ben', delivered: 1, read: 1 });
  tell(model, { type: 'receipt', peer: 'cy', delivered: 1, read: 1 });
  tell(model, said('me', 2, 2, 'bye', true));
  for (const peer of ['ben', 'cy']) tell(model, { type: 'peer-left', peer, goodbye: true });
  expect(reach(model, model.messages['me/1']!)).toBe('read');
  expect(reach(model, model.messages['me/2']!)).toBe('sent');
  // Whoever comes later counts for what is said to them.
  tell(model, { type: 'peer-joined', peer: 'dora' }, connected('dora'));
  expect(reach(model, model.messages['me/1']!)).toBe('read');
});

test('who is on the way back has not read what is said meanwhile', () => {
  const model = room();
  tell(model, connected('ben'), connected('cy'), said('me', 1, 1, 'hi', true));
  tell(model, { type: 'link', peer: 'ben', status: { type: 'reconnecting' } });
  tell(model, { type: 'receipt', peer: 'cy', delivered: 1, read: 1 });
  expect(reach(model, model.messages['me/1']!)).toBe('sent');
  tell(model, { type: 'receipt', peer: 'ben', delivered: 1, read: 0 });
  expect(reach(model, model.messages['me/1']!)).toBe('delivered');
});

test('members and reactions with the names of built-in things are only that', () => {
  const model = room();
  tell(model, connected('__proto__'), said('__proto__', 1, 1, 'x'), connected('constructor'));
  tell(model, { type: 'reacted', id: '__proto__/1', peer: '__proto__', emoji: '__proto__', on: true });
  expect(model.messages['__proto__/1']?.reactions).toHaveLength(1);
  expect(model.members.map(({ id }) => id)).toEqual(['__proto__', 'constructor']);
});

test('what is shown is bounded', () => {
  const model = room();
  for (let seq = 1; seq <= 2_500; seq++) tell(model, said('ann', seq, seq, 'spam'));
  for (let count = 0; count < 600; count++) tell(model, connected(`p${count}`));
  expect(model.timeline).toHaveLength(2_000);
  expect(Object.keys(model.messages).length).toBeLessThanOrEqual(2_000);
  expect(model.members.length).toBeLessThanOrEqual(256);
});

test('an emoji check that changes has to be compared again', () => {
  const model = room();
  const check = { type: 'check', peer: 'ben', emoji: ['a'], names: ['A'], places: [0] } as const;
  tell(model, { ...check, emoji: ['a'], names: ['A'], places: [0] });
  memberOf(model, 'ben')!.compared = true;
  tell(model, { ...check, emoji: ['a'], names: ['A'], places: [0] });
  expect(memberOf(model, 'ben')?.compared).toBe(true);
  tell(model, { ...check, emoji: ['b'], names: ['B'], places: [1] });
  expect(memberOf(model, 'ben')?.compared).toBe(false);
});

test('what one person says in one go stands together, and days apart', () => {
  const model = room();
  tell(model, said('ann', 1, 1, 'a'), said('ann', 2, 2, 'b'), said('ben', 1, 3, 'c'));
  fold(model, { ...said('ben', 2, 4, 'd'), sentAt: NOON + 86_400_000 }, NOON + 86_400_000);
  const drawn = blocks(model.timeline, model.messages, (at) => new Date(at).toISOString().slice(0, 10));
  expect(drawn.map((it) => (it.kind === 'messages' ? it.messages.length : it.kind))).toEqual([
    'day',
    2,
    1,
    'day',
    1,
  ]);
});

test('an offer is taken, held up, and arrives', () => {
  const model = room();
  tell(model, offered('ben', 't'));
  const { t } = model.transfers;
  expect(t?.state.type).toBe('waiting');
  tell(model, { type: 'progress', transfer: 't', bytes: 4, total: 10, rate: 2 });
  tell(model, { type: 'stranded', transfer: 't', missing: 6 });
  expect(t?.state).toMatchObject({ type: 'receiving', hold: { type: 'stranded', missing: 6 } });
  tell(model, { type: 'progress', transfer: 't', bytes: 10, total: 10, rate: 2 });
  expect(t?.state).toMatchObject({ type: 'receiving', hold: undefined });
  tell(model, { type: 'received', transfer: 't' });
  expect(t?.state.type).toBe('received');
  tell(model, { type: 'offer-withdrawn', transfer: 't', from: 'ben' });
  expect(t?.state.type).toBe('received');
});

test('what was said and what came stays when the room is over', () => {
  const model = room();
  const offer = { from: 'ben', name: 'x', size: 10, mediaType: '', single: true, files: 1, items: [], moreItems: 0 };
  tell(model, connected('ben'), said('ben', 1, 1, 'hi'));
  for (const transfer of ['here', 'coming', 'waiting']) tell(model, { type: 'offered', transfer, ...offer });
  tell(model, { type: 'received', transfer: 'here' });
  tell(model, { type: 'progress', transfer: 'coming', bytes: 4, total: 10, rate: 2 });
  tell(model, { type: 'ended', reason: 'room-not-found', message: '' });
  expect(model.end).toMatchObject({ type: 'ended', reason: 'room-not-found' });
  expect(texts(model)).toContain('hi');
  expect(memberOf(model, 'ben')?.here).toBe(false);
  const states = Object.values(model.transfers).map(({ state }) => state.type);
  expect(states).toEqual(['received', 'failed', 'withdrawn']);
});

test('what was declined or failed and is offered again stands at the end, and is new', () => {
  const model = room();
  tell(model, offered('ben', 't'), said('ben', 1, 1, 'take it'));
  model.transfers['t']!.state = { type: 'declined' };
  model.unread = 0;
  tell(model, offered('ben', 't'));
  expect(model.timeline.map(({ kind }) => kind)).toEqual(['message', 'transfer']);
  expect(model.transfers['t']?.state.type).toBe('waiting');
  expect(model.unread).toBe(1);
  tell(model, { type: 'transfer-failed', transfer: 't', reason: 'corrupt', message: '' });
  tell(model, offered('ben', 't'));
  expect(model.transfers['t']?.state.type).toBe('waiting');
  expect(model.unread).toBe(2);
});

test('what is here, comes or waits is not offered anew', () => {
  const model = room();
  tell(model, offered('ben', 't'), said('ben', 1, 1, 'take it'), offered('cy', 't'));
  expect(model.transfers['t']?.from).toBe('ben');
  tell(model, { type: 'received', transfer: 't' }, offered('ben', 't'));
  expect(model.transfers['t']?.state.type).toBe('received');
  expect(model.timeline.map(({ kind }) => kind)).toEqual(['transfer', 'message']);
  expect(model.unread).toBe(2);
});

test('an own offer that was withdrawn can be made again, and withdrawn again', () => {
  const model = room();
  addOwn(model, own('t'), NOON);
  tell(model, { type: 'progress', transfer: 't', to: 'ben', bytes: 1, total: 10, rate: 1 });
  tell(model, { type: 'delivered', transfer: 't', to: 'cy' });
  tell(model, { type: 'transfer-failed', transfer: 't', reason: 'cancelled', message: '' });
  expect(model.transfers['t']?.receivers).toEqual([{ peer: 'cy', state: { type: 'delivered' } }]);
  tell(model, said('ben', 1, 1, 'what was that?'));
  addOwn(model, own('t'), NOON);
  expect(model.transfers['t']?.state.type).toBe('offering');
  expect(model.timeline.map(({ kind }) => kind)).toEqual(['message', 'transfer']);
});

test('an own offer that is made again keeps those who take it, and asks those who did not', () => {
  const model = room();
  addOwn(model, own('t'), NOON);
  tell(model, { type: 'progress', transfer: 't', to: 'ben', bytes: 1, total: 10, rate: 1 });
  tell(model, { type: 'declined', transfer: 't', by: 'cy', reason: 'unwanted' });
  addOwn(model, own('t'), NOON);
  expect(model.transfers['t']?.receivers.map(({ peer }) => peer)).toEqual(['ben']);
});

function room(): RoomModel {
  const model = begin('Me');
  tell(model, { type: 'room', code: 'K7Q4X9-a-b-c-d', me: 'me', peers: [] });
  return model;
}

function tell(model: RoomModel, ...events: RoomEvent[]): void {
  for (const event of events) fold(model, event, NOON);
}

function connected(peer: string): RoomEvent {
  return { type: 'link', peer, status: { type: 'connected', verified: true, path: 'direct' } };
}

function said(author: string, seq: number, lamport: number, text: string, mine = false) {
  const id = `${author}/${seq}`;
  return { type: 'message', id, author, seq, lamport, sentAt: NOON, late: false, mine, text } as const;
}

function offered(from: string, transfer: string): Extract<RoomEvent, { type: 'offered' }> {
  const offer = { from, name: 'x', size: 10, mediaType: '', single: true, files: 1 };
  return { type: 'offered', transfer, items: [], moreItems: 0, ...offer };
}

function own(transfer: string): Transfer {
  return { ...offeredBy(offered('me', transfer)), mine: true, state: { type: 'offering' } };
}

function reacted(peer: string, emoji: string, on: boolean): RoomEvent {
  return { type: 'reacted', id: 'ann/1', peer, emoji, on };
}

function notes(model: RoomModel): unknown[] {
  return model.timeline.flatMap((entry) => (entry.kind === 'note' ? [entry.note] : []));
}

function texts(model: RoomModel): unknown[] {
  return model.timeline.map((entry) => entry.kind === 'message' && model.messages[entry.id]?.text);
}
