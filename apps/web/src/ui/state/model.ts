// What a page knows of a room: plain data, folded from what the engine tells.

import type {
  Check,
  ClientId,
  CommandRefusal,
  EndReason,
  LinkStatus,
  MessageId,
  Refusal,
  TransferId,
} from '../../engine/room';
import type { Transfer } from './transfer';

/** Everything that is shown of a room. */
export interface RoomModel {
  /** Nothing until the room is entered. */
  entered: { me: ClientId; code: string } | undefined;
  nickname: string;
  /** Everybody who was ever met, in the order of their coming. */
  members: Member[];
  messages: Record<MessageId, Message>;
  transfers: Record<TransferId, Transfer>;
  /** What is shown, from the top to the bottom. */
  timeline: Entry[];
  server: { online: true } | { online: false; reason: string; retryAt: number };
  /** Wrong words that were tried, and whether nobody new is let in for that. */
  guesses: { wrong: number; closed: boolean };
  /** Members whom others have met and this one has not. */
  split: ClientId[];
  /** What was last refused; numbered, so that the same refusal shows again. */
  refused: { number: number; reason: CommandRefusal; message: string } | undefined;
  end: End | undefined;
  /** Messages and offers of others that nobody has looked at. */
  unread: number;
  /** Counts what came, so that things can be told apart and ordered. */
  arrivals: number;
}

/** One of the others. */
export interface Member {
  id: ClientId;
  /** As they call themselves; empty for no name. */
  nickname: string;
  here: boolean;
  /** Whether there ever was a connection: only then is their leaving worth a line. */
  met: boolean;
  status: LinkStatus | undefined;
  typing: boolean;
  check: Check | undefined;
  /** Whether this person said that both see the same emoji. */
  compared: boolean;
  /** Of this member's own entries, by sequence number. */
  delivered: number;
  read: number;
  /** Messages of theirs that are known to exist but have not come. */
  missing: number;
  /** When they came, in arrivals. */
  since: number;
}

/** A message, with what became of it. */
export interface Message {
  id: MessageId;
  author: ClientId;
  seq: number;
  mine: boolean;
  /** When it was said, in milliseconds since the Unix epoch; never far from when it came. */
  at: number;
  /** Nothing once it was taken back. */
  text: string | undefined;
  replyTo: MessageId | undefined;
  edited: boolean;
  reactions: Reaction[];
  /** How far it had got when somebody last left: what is read stays so. */
  reached: Reach;
  /** When it came, in arrivals. */
  arrival: number;
}

export interface Reaction {
  emoji: string;
  by: ClientId[];
}

/** Where an entry stands: all members share the order of messages, the rest is by arrival. */
export interface Place {
  lamport: number;
  /** Empty for what is no message: it stands behind the messages that it came after. */
  author: ClientId;
  arrival: number;
}

/** One thing in the timeline. */
export type Entry = { key: string; place: Place; at: number } & (
  | { kind: 'message'; id: MessageId }
  | { kind: 'transfer'; id: TransferId }
  | { kind: 'note'; note: Note }
);

/** A quiet line. */
export type Note =
  | { type: 'joined'; peer: ClientId }
  | { type: 'left'; peer: ClientId; goodbye: boolean }
  | { type: 'misbehaved'; peer: ClientId };

/** Why the room is over. */
export type End =
  | { type: 'ended'; reason: EndReason; refusal: Refusal | undefined; message: string }
  | { type: 'crashed'; message: string };

/** A room before anything is known of it. */
export function begin(nickname: string): RoomModel {
  return {
    entered: undefined,
    nickname,
    members: [],
    messages: {},
    transfers: {},
    timeline: [],
    server: { online: true },
    guesses: { wrong: 0, closed: false },
    split: [],
    refused: undefined,
    end: undefined,
    unread: 0,
    arrivals: 0,
  };
}

/** A member, if ever met. */
export function memberOf(model: RoomModel, id: ClientId): Member | undefined {
  return model.members.find((member) => member.id === id);
}

/** A member, who is met now at the latest. */
export function meet(model: RoomModel, id: ClientId): Member {
  const known = memberOf(model, id);
  if (known) return known;
  if (model.members.length >= MEMBERS) forgetOne(model);
  model.members.push({
    id,
    nickname: '',
    here: true,
    met: false,
    status: undefined,
    typing: false,
    check: undefined,
    compared: false,
    delivered: 0,
    read: 0,
    missing: 0,
    since: model.arrivals++,
  });
  // What was pushed may be wrapped by now.
  return model.members[model.members.length - 1]!;
}

/** Those who are in the room now. */
export function present(model: RoomModel): Member[] {
  return model.members.filter((member) => member.here);
}

/** How far one of this member's own messages has got. */
export type Reach = 'sent' | 'delivered' | 'read';

/**
 * Counts only those who were there when it was said: nobody else gets it. Who is on the way back
 * counts on, or what they have not read would be read by everyone meanwhile.
 */
export function reach(model: RoomModel, message: Message): Reach {
  const audience = model.members.filter(
    ({ here, met, status, since }) =>
      here && met && status && status.type !== 'refused' && since < message.arrival,
  );
  if (audience.length === 0) return message.reached;
  if (audience.every(({ read }) => read >= message.seq)) return 'read';
  const delivered = audience.every(({ delivered }) => delivered >= message.seq);
  return delivered && message.reached === 'sent' ? 'delivered' : message.reached;
}

/** Somebody who comes and goes under ever new ids must not fill the page. */
function forgetOne(model: RoomModel): void {
  const gone = model.members.findIndex(({ here }) => !here);
  model.members.splice(gone < 0 ? 0 : gone, 1);
}

/** More than any room has seats. */
const MEMBERS = 256;
