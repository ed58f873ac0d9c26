// Files on their way, from an offer to its end.

import type {
  ClientId,
  DeclineReason,
  Item,
  Offered,
  RoomEvent,
  TransferFailure,
  TransferId,
} from '../../engine/room';

/** Something on offer, from this member or another. */
export interface Transfer {
  id: TransferId;
  from: ClientId;
  mine: boolean;
  name: string;
  size: number;
  mediaType: string;
  width: number | undefined;
  height: number | undefined;
  thumbnail: Uint8Array | undefined;
  single: boolean;
  files: number;
  items: Item[];
  moreItems: number;
  state: TransferState;
  /** Who takes it from this member. */
  receivers: Receiver[];
}

/** How it stands here. */
export type TransferState =
  /** Another offers it; nobody has answered. */
  | { type: 'waiting' }
  /** This member offers it. */
  | { type: 'offering' }
  | { type: 'receiving'; pace: Pace; hold: Hold }
  | { type: 'received' }
  /** It was received, and deleted again. */
  | { type: 'discarded' }
  | { type: 'declined' }
  | { type: 'withdrawn' }
  | { type: 'failed'; reason: TransferFailure };

/** Why nothing comes at the moment; nothing if it does. */
export type Hold =
  | undefined
  | { type: 'paused' }
  | { type: 'stalled' }
  | { type: 'stranded'; missing: number }
  | { type: 'checking' };

export interface Pace {
  bytes: number;
  total: number;
  /** Bytes a second. */
  rate: number;
  etaMs: number | undefined;
}

/** Somebody who takes what this member offers. */
export interface Receiver {
  peer: ClientId;
  state:
    | { type: 'sending'; pace: Pace }
    | { type: 'delivered' }
    | { type: 'declined'; reason: DeclineReason }
    | { type: 'failed'; reason: TransferFailure };
}

type TransferEvent = Extract<RoomEvent, { transfer: TransferId }>;

/** What another offers. */
export function offeredBy(offer: Offered): Transfer {
  const { transfer: id, ...rest } = offer;
  return {
    ...rest,
    id,
    width: offer.width,
    height: offer.height,
    thumbnail: offer.thumbnail,
    mine: false,
    state: { type: 'waiting' },
    receivers: [],
  };
}

/** What this member does with an offer, before the engine tells how it goes. */
export function take(transfer: Transfer): void {
  const pace = { bytes: 0, total: transfer.size, rate: 0, etaMs: undefined };
  transfer.state = { type: 'receiving', pace, hold: undefined };
}

/** Takes in what the engine tells of a transfer. */
export function foldTransfer(it: Transfer, event: TransferEvent): void {
  switch (event.type) {
    case 'progress': {
      const { bytes, total, rate, etaMs } = event;
      const pace = { bytes, total, rate, etaMs };
      if (event.to !== undefined) receiver(it, event.to).state = { type: 'sending', pace };
      else if (!over(it)) it.state = { type: 'receiving', pace, hold: held(it) };
      break;
    }
    case 'received':
      it.state = { type: 'received' };
      break;
    case 'delivered':
      receiver(it, event.to).state = { type: 'delivered' };
      break;
    case 'declined':
      receiver(it, event.by).state = { type: 'declined', reason: event.reason };
      break;
    case 'stalled':
      hold(it, { type: 'stalled' });
      break;
    case 'stranded':
      hold(it, event.missing > 0 ? { type: 'stranded', missing: event.missing } : undefined);
      break;
    case 'paused':
      hold(it, event.on ? { type: 'paused' } : undefined);
      break;
    case 'checking':
      hold(it, event.bytes < event.total ? { type: 'checking' } : undefined);
      break;
    case 'transfer-failed':
      fail(it, event);
      break;
    case 'offer-withdrawn':
      if (!over(it)) it.state = { type: 'withdrawn' };
      break;
    case 'offered':
    case 'offering':
      break;
  }
}

/** The room is over: nothing comes or goes any more. What is here stays. */
export function close(it: Transfer): void {
  if (it.state.type === 'receiving') it.state = { type: 'failed', reason: 'sender-gone' };
  else if (it.state.type === 'waiting') it.state = { type: 'withdrawn' };
  for (const to of it.receivers) {
    if (to.state.type === 'sending') to.state = { type: 'failed', reason: 'receiver-gone' };
  }
}

/** Whether nothing more comes of it here. */
export function over(it: Transfer): boolean {
  return ['received', 'discarded', 'declined', 'withdrawn', 'failed'].includes(it.state.type);
}

/** Whether bytes of it are on their way. */
export function moves({ state, receivers }: Transfer): boolean {
  if (state.type === 'receiving') return state.hold === undefined;
  return receivers.some(({ state }) => state.type === 'sending');
}

function fail(it: Transfer, event: Extract<TransferEvent, { type: 'transfer-failed' }>): void {
  const { reason, to } = event;
  if (to !== undefined) {
    receiver(it, to).state = { type: 'failed', reason };
    return;
  }
  it.state = { type: 'failed', reason };
  // Nobody gets more of it from here.
  it.receivers = it.receivers.filter(({ state }) => state.type !== 'sending');
}

/** Bytes that come end what held them up, but for the person who paused. */
function held(it: Transfer): Hold {
  const now = it.state.type === 'receiving' ? it.state.hold : undefined;
  return now?.type === 'paused' ? now : undefined;
}

function hold(it: Transfer, hold: Hold): void {
  if (it.state.type === 'receiving') it.state.hold = hold;
}

function receiver(it: Transfer, peer: ClientId): Receiver {
  const known = it.receivers.find((receiver) => receiver.peer === peer);
  if (known) return known;
  const pace = { bytes: 0, total: it.size, rate: 0, etaMs: undefined };
  it.receivers.push({ peer, state: { type: 'sending', pace } });
  return it.receivers[it.receivers.length - 1]!;
}
