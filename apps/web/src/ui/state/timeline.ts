// The order of what is shown, and what stands together.

import type { Entry, Message, Place, RoomModel } from './model';

/** Puts an entry where it belongs: nearly always at the end. */
export function insert(model: RoomModel, entry: Entry): void {
  const { timeline } = model;
  let at = timeline.length;
  while (at > 0 && before(entry.place, timeline[at - 1]!.place)) at--;
  timeline.splice(at, 0, entry);
  if (timeline.length > ENTRIES) drop(model);
}

/** The place of what is no message: behind everything that is there. */
export function lastPlace(model: RoomModel): Place {
  const last = model.timeline[model.timeline.length - 1];
  return { lamport: last?.place.lamport ?? 0, author: '', arrival: model.arrivals };
}

function before(one: Place, other: Place): boolean {
  if (one.lamport !== other.lamport) return one.lamport < other.lamport;
  // What is no message stays where it came.
  if (one.author === '' || other.author === '') return one.arrival < other.arrival;
  return one.author < other.author;
}

function drop(model: RoomModel): void {
  const gone = model.timeline.shift();
  if (gone?.kind === 'message') delete model.messages[gone.id];
}

/** Entries as they are drawn: messages of one author side by side, days apart. */
export type Block =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'messages'; key: string; author: string; mine: boolean; at: number; messages: Message[] }
  | { kind: 'other'; key: string; entry: Exclude<Entry, { kind: 'message' }> };

/** Groups entries; `dayOf` names the day of a time. */
export function blocks(
  entries: Entry[],
  messages: RoomModel['messages'],
  dayOf: (at: number) => string = localDay,
): Block[] {
  const drawn: Block[] = [];
  let day = '';
  for (const entry of entries) {
    if (dayOf(entry.at) !== day) {
      day = dayOf(entry.at);
      drawn.push({ kind: 'day', key: `day-${entry.key}`, at: entry.at });
    }
    if (entry.kind !== 'message') {
      drawn.push({ kind: 'other', key: entry.key, entry });
      continue;
    }
    const message = messages[entry.id];
    if (!message) continue;
    const last = drawn[drawn.length - 1];
    if (last?.kind === 'messages' && belongs(last.messages, message)) last.messages.push(message);
    else {
      const { author, mine, at } = message;
      drawn.push({ kind: 'messages', key: entry.key, author, mine, at, messages: [message] });
    }
  }
  return drawn;
}

function belongs(group: Message[], message: Message): boolean {
  const last = group[group.length - 1]!;
  return last.author === message.author && Math.abs(message.at - last.at) < TOGETHER_MS;
}

function localDay(at: number): string {
  return new Date(at).toDateString();
}

/** What one scrolls through at most. The engine keeps no more either. */
const ENTRIES = 2_000;

/** What is said within this time by one person stands together. */
const TOGETHER_MS = 5 * 60_000;
