// Takes in what the engine tells. Only data: what has to be done about it is in the session.

import type { ClientId, RoomEvent } from '../../engine/room';
import {
  type End, type Member, meet, memberOf, type Message, type Note, reach, type RoomModel,
} from './model';
import { insert, lastPlace } from './timeline';
import { close, foldTransfer, offeredBy, over, type Transfer } from './transfer';

/** Changes the model by one event. `now` is in milliseconds since the Unix epoch. */
export function fold(model: RoomModel, event: RoomEvent, now: number): void {
  switch (event.type) {
    case 'room':
      model.entered = { me: event.me, code: event.code };
      for (const peer of event.peers) meet(model, peer).met = true;
      break;
    case 'server':
      model.server =
        event.status.type === 'online'
          ? { online: true }
          : { online: false, reason: event.status.reason, retryAt: now + event.status.retryInMs };
      break;
    case 'peer-joined':
      join(meet(model, event.peer));
      break;
    case 'peer-left':
      leave(model, event.peer, event.goodbye, now);
      break;
    case 'link':
      foldLink(model, event, now);
      break;
    case 'profile':
      if (event.peer === model.entered?.me) model.nickname = event.nickname;
      else meet(model, event.peer).nickname = event.nickname;
      break;
    case 'typing':
      meet(model, event.peer).typing = event.on;
      break;
    case 'message':
      foldMessage(model, event, now);
      break;
    case 'edited':
      change(model, event.id, (it) => ((it.text = event.text), (it.edited = true)));
      break;
    case 'deleted':
      change(model, event.id, (it) => ((it.text = undefined), (it.reactions = [])));
      break;
    case 'reacted':
      change(model, event.id, (it) => react(it, event.emoji, event.peer, event.on));
      break;
    case 'missing':
      meet(model, event.author).missing = event.count;
      break;
    case 'receipt': {
      const member = meet(model, event.peer);
      member.delivered = event.delivered;
      member.read = event.read;
      break;
    }
    case 'offered':
      addOffered(model, offeredBy(event), now);
      break;
    case 'check':
      foldCheck(meet(model, event.peer), event);
      break;
    case 'guesses':
      model.guesses = { wrong: event.wrong, closed: event.closed };
      break;
    case 'split':
      model.split = event.peers;
      break;
    case 'misbehaved':
      note(model, { type: 'misbehaved', peer: event.peer }, now);
      break;
    case 'refused': {
      const { reason, message } = event;
      model.refused = { number: (model.refused?.number ?? 0) + 1, reason, message };
      break;
    }
    case 'ended': {
      const { reason, refusal, message } = event;
      end(model, { type: 'ended', reason, refusal, message });
      break;
    }
    case 'crashed':
      end(model, { type: 'crashed', message: event.message });
      break;
    case 'offering':
    case 'other':
      break;
    default: {
      const transfer = model.transfers[event.transfer];
      if (transfer) foldTransfer(transfer, event);
    }
  }
}

/** Shows an offer of another. What is over is begun anew by it. */
function addOffered(model: RoomModel, transfer: Transfer, now: number): void {
  const known = model.transfers[transfer.id];
  if (known && (!over(known) || ['received', 'discarded'].includes(known.state.type))) return;
  showTransfer(model, transfer, now);
  model.unread++;
}

/** Shows an own offer. One that is made again keeps those who take it and those who have it. */
export function addOwn(model: RoomModel, transfer: Transfer, now: number): void {
  const receivers = (model.transfers[transfer.id]?.receivers ?? []).filter(
    ({ state }) => state.type === 'sending' || state.type === 'delivered',
  );
  showTransfer(model, { ...transfer, receivers }, now);
}

/** At the end: nobody looks for it where it was before. */
function showTransfer(model: RoomModel, transfer: Transfer, now: number): void {
  const { id } = transfer;
  const at = model.timeline.findIndex((entry) => entry.kind === 'transfer' && entry.id === id);
  if (at >= 0) model.timeline.splice(at, 1);
  model.transfers[id] = transfer;
  const key = `t${model.arrivals}`;
  insert(model, { kind: 'transfer', key, place: lastPlace(model), at: now, id });
  model.arrivals++;
}

function foldLink(model: RoomModel, event: Extract<RoomEvent, { type: 'link' }>, now: number): void {
  const member = meet(model, event.peer);
  member.status = event.status;
  if (event.status.type !== 'connected') return;
  member.here = true;
  if (member.met) return;
  member.met = true;
  note(model, { type: 'joined', peer: event.peer }, now);
}

function foldMessage(
  model: RoomModel,
  event: Extract<RoomEvent, { type: 'message' }>,
  now: number,
): void {
  const known = model.messages[event.id];
  const arrival = known?.arrival ?? model.arrivals++;
  // Somebody's clock may say anything.
  const at = Math.min(Math.max(event.sentAt, now - DAY_MS), now + MINUTE_MS);
  const { id, author, seq, mine, text, replyTo, lamport } = event;
  const message: Message = {
    id,
    author,
    seq,
    mine,
    at,
    text,
    replyTo,
    edited: false,
    reactions: known?.reactions ?? [],
    reached: known?.reached ?? 'sent',
    arrival,
  };
  model.messages[id] = message;
  if (known) return;
  insert(model, { kind: 'message', key: `m${arrival}`, place: { lamport, author, arrival }, at, id });
  if (mine) return;
  model.unread++;
  const by = memberOf(model, author);
  if (by) by.typing = false;
}

function foldCheck(member: Member, event: Extract<RoomEvent, { type: 'check' }>): void {
  const same = member.check?.emoji.join() === event.emoji.join();
  const { peer, emoji, names, places } = event;
  member.check = { peer, emoji, names, places };
  member.compared &&= same;
}

function join(member: Member): void {
  if (member.here) return;
  member.here = true;
  member.met = false;
  member.status = undefined;
}

function leave(model: RoomModel, peer: ClientId, goodbye: boolean, now: number): void {
  const member = memberOf(model, peer);
  if (!member?.here) return;
  for (const message of Object.values(model.messages)) {
    if (message.mine) message.reached = reach(model, message);
  }
  member.here = false;
  member.typing = false;
  member.status = undefined;
  if (member.met) note(model, { type: 'left', peer, goodbye }, now);
}

/** Nobody can be reached any more. What was said and what came stays. */
function end(model: RoomModel, end: End): void {
  model.end = end;
  for (const member of model.members) Object.assign(member, { here: false, typing: false, status: undefined });
  Object.values(model.transfers).forEach(close);
}

function note(model: RoomModel, note: Note, now: number): void {
  const key = `n${model.arrivals}`;
  insert(model, { kind: 'note', key, place: lastPlace(model), at: now, note });
  model.arrivals++;
}

function change(model: RoomModel, id: string, change: (message: Message) => void): void {
  const message = model.messages[id];
  if (message) change(message);
}

function react(message: Message, emoji: string, peer: ClientId, on: boolean): void {
  const known = message.reactions.find((reaction) => reaction.emoji === emoji);
  const others = known?.by.filter((by) => by !== peer) ?? [];
  const by = on ? [...others, peer] : others;
  if (known) known.by = by;
  else if (message.reactions.length < REACTIONS) message.reactions.push({ emoji, by });
  message.reactions = message.reactions.filter((reaction) => reaction.by.length > 0);
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Different reactions that fit under a message. */
const REACTIONS = 24;
