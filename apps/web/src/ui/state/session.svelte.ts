// A room in which somebody is: the engine behind it, and what the page keeps beside it.

import {
  type Entry as Way,
  type NoRoom,
  type Offerable,
  type OfferProblem,
  offerProblem,
  type OfferProgress,
  type ReceivedFile,
  Room,
  type RoomEvent,
} from '../../engine/room';
import { fitName } from '../text/fit';
import { tameName } from '../text/tame';
import { takenUnasked } from '../transfer/media';
import { apart } from '../transfer/picked';
import { save, type Saved } from '../transfer/save';
import { serveMedia } from '../transfer/stream';
import { Awake } from './awake';
import { addOwn, fold } from './fold';
import { begin, type RoomModel } from './model';
import { moves, take, type Transfer } from './transfer';
import { watchWake } from './wake';

/** How to come in. */
export interface Wishes {
  entry: Way;
  nickname: string;
  relayOnly: boolean;
}

/** Files that are being read before they can be offered. */
export interface Preparing {
  number: number;
  name: string;
  progress: OfferProgress;
  /** Why it could not be offered. */
  failure: OfferProblem | undefined;
  abort: AbortController;
}

/** What a person does in a room, and all that they see of it. */
export class Session {
  readonly wishes: Wishes;
  readonly model: RoomModel;
  preparing: Preparing[] = $state([]);
  /** Set when the device woke up, until the server is heard of again. */
  woke = $state(false);
  /** What became of transfers that were to be saved. */
  saved: Record<string, Saved | 'saving' | 'failed'> = $state({});

  readonly #room: Room;
  readonly #over = new AbortController();
  readonly #awake = new Awake(this.#over.signal);
  readonly #own = new Map<string, File>();
  #events: RoomEvent[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;
  #taken = 0;
  #numbers = 0;

  /** Comes in. Rejects with a message for people. */
  static async enter(wishes: Wishes): Promise<Session> {
    let session: Session | undefined;
    const early: RoomEvent[] = [];
    const room = await Room.open({
      ...wishes,
      listen: (event) => (session ? session.#hear(event) : early.push(event)),
    });
    session = new Session(wishes, room);
    for (const event of early) session.#hear(event);
    return session;
  }

  private constructor(wishes: Wishes, room: Room) {
    const model = $state(begin(wishes.nickname));
    this.model = model;
    this.wishes = wishes;
    this.#room = room;
    serveMedia(room, model, this.#over.signal);
    watchWake(() => this.#wake(), this.#over.signal);
  }

  get link(): string {
    return this.#room.link(this.model.entered?.code ?? '');
  }

  /** Whether the room is over and what came of it is still here: until this person leaves. */
  get stays(): boolean {
    const { entered, end } = this.model;
    return entered !== undefined && end !== undefined && !(end.type === 'ended' && end.reason === 'left');
  }

  say(text: string, replyTo: string | undefined): void {
    this.#room.say(text, replyTo);
  }

  edit(id: string, text: string): void {
    this.#room.edit(id, text);
  }

  remove(id: string): void {
    this.#room.delete(id);
  }

  react(id: string, emoji: string): void {
    const { me } = this.model.entered!;
    const reactions = this.model.messages[id]?.reactions ?? [];
    const set = reactions.some((reaction) => reaction.emoji === emoji && reaction.by.includes(me));
    this.#room.react(id, emoji, !set);
  }

  typing(on: boolean): void {
    this.#room.typing(on);
  }

  rename(nickname: string): void {
    // The others hear it as it is shown here: what is longer would be refused.
    this.model.nickname = fitName(nickname);
    this.#room.rename(this.model.nickname);
  }

  /** Somebody looks at the newest. */
  seen(): void {
    if (this.model.unread === 0) return;
    this.model.unread = 0;
    this.#room.markRead();
  }

  /** Offers files to everyone, once they are read: one after the other, as they were picked. */
  async offer(files: Offerable[]): Promise<void> {
    if (this.model.end) return;
    const heaps = apart(files).map((heap) => {
      const total = heap.reduce((sum, { file }) => sum + (file?.size ?? 0), 0);
      return { heap, preparing: this.#begin(heap[0]!.path.split('/')[0]!, total) };
    });
    for (const { heap, preparing } of heaps) await this.#offerOne(heap, preparing);
  }

  /** Tells of what cannot be offered. */
  fail(name: string, failure: OfferProblem): void {
    this.#begin(name, 0, failure);
  }

  /** Gives up what is being read, or what failed. */
  dismiss(number: number): void {
    this.preparing.find((it) => it.number === number)?.abort.abort();
    this.preparing = this.preparing.filter((it) => it.number !== number);
  }

  accept(id: string): void {
    const transfer = this.model.transfers[id];
    if (transfer) take(transfer);
    this.#room.accept(id);
  }

  decline(id: string): void {
    const transfer = this.model.transfers[id];
    if (transfer) transfer.state = { type: 'declined' };
    this.#room.decline(id);
  }

  pause(id: string): void {
    this.#room.pause(id);
  }

  resume(id: string): void {
    this.#room.resume(id);
  }

  /** Stops receiving; what is this member's own is offered no longer. */
  cancel(id: string): void {
    this.#room.cancel(id);
    const transfer = this.model.transfers[id];
    if (transfer?.mine) transfer.state = { type: 'withdrawn' };
    this.#own.delete(id);
  }

  async save(id: string): Promise<void> {
    const before = this.saved[id];
    this.saved[id] = 'saving';
    try {
      const name = tameName(this.model.transfers[id]?.name ?? '');
      const done = await save(name, this.#room.files(id));
      if (done) this.saved[id] = done;
      else if (before) this.saved[id] = before;
      else delete this.saved[id];
    } catch {
      this.saved[id] = 'failed';
    }
  }

  /** The bytes of a single file, if all of them are here. */
  file(id: string): Blob | undefined {
    return this.#own.get(id) ?? this.files(id)[0]?.blob;
  }

  files(id: string): ReceivedFile[] {
    return this.#room.files(id);
  }

  noRoom(id: string): NoRoom | undefined {
    return this.#room.noRoom(id);
  }

  /** Deletes what was received. */
  discard(id: string): void {
    const transfer = this.model.transfers[id];
    if (transfer) transfer.state = { type: 'discarded' };
    delete this.saved[id];
    this.#room.discard(id);
  }

  /** What is here, and not known to be anywhere else. */
  unsaved(): Transfer[] {
    return Object.values(this.model.transfers).filter(
      ({ id, state }) => state.type === 'received' && this.saved[id] !== 'saved',
    );
  }

  /** Looks for everybody again. */
  retry(): void {
    this.#room.networkChanged();
  }

  async leave(): Promise<void> {
    this.close();
    await this.#room.leave();
  }

  /** Nothing is heard from now on. */
  close(): void {
    this.#over.abort();
    this.#own.clear();
    this.#giveUpOffers();
  }

  #giveUpOffers(): void {
    for (const { abort } of this.preparing) abort.abort();
  }

  #hear(event: RoomEvent): void {
    this.#events.push(event);
    // Together, so that a flood of events is drawn once.
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      const events = this.#events;
      this.#events = [];
      for (const event of events) this.#take(event);
      this.#awake.want(Object.values(this.model.transfers).some(moves));
    }, DRAW_MS);
  }

  #take(event: RoomEvent): void {
    if (this.#over.signal.aborted) return;
    fold(this.model, event, Date.now());
    if (event.type === 'server' && event.status.type === 'online') this.woke = false;
    if (event.type === 'offered') this.#takeUnasked(event.transfer);
    if (this.model.end) this.#giveUpOffers();
  }

  #takeUnasked(id: string): void {
    const transfer = this.model.transfers[id];
    if (transfer?.state.type !== 'waiting' || !takenUnasked(transfer)) return;
    if (this.#taken + transfer.size > UNASKED_BYTES) return;
    this.#taken += transfer.size;
    this.accept(id);
  }

  #begin(name: string, total: number, failure?: OfferProblem): Preparing {
    const progress = { bytes: 0, total };
    const number = this.#numbers++;
    const it = { number, name, progress, failure, abort: new AbortController() };
    this.preparing.push(it);
    return it;
  }

  async #offerOne(files: Offerable[], { number, name, abort }: Preparing): Promise<void> {
    if (abort.signal.aborted) return;
    try {
      const offer = await this.#room.offer(
        files,
        (progress) => this.#prepare(number, (it) => (it.progress = progress)),
        abort.signal,
      );
      this.#offered(offer.transfer, name, files);
      this.dismiss(number);
    } catch (error) {
      if (abort.signal.aborted) this.dismiss(number);
      else this.#prepare(number, (it) => (it.failure = offerProblem(error)));
    }
  }

  #offered(id: string, name: string, files: Offerable[]): void {
    const real = files.flatMap(({ file }) => (file ? [file] : []));
    const only = files.length === 1 ? real[0] : undefined;
    if (only) this.#own.set(id, only);
    const transfer: Transfer = {
      id,
      from: this.model.entered!.me,
      mine: true,
      name,
      size: real.reduce((sum, { size }) => sum + size, 0),
      mediaType: only?.type ?? '',
      width: undefined,
      height: undefined,
      thumbnail: undefined,
      single: only !== undefined && !files[0]!.path.includes('/'),
      files: real.length,
      items: files.slice(0, ITEMS).map(({ path, file }) => (file ? { path, size: file.size } : { path })),
      moreItems: Math.max(0, files.length - ITEMS),
      state: { type: 'offering' },
      receivers: [],
    };
    // It may have been received before, and saved: that is another copy.
    delete this.saved[id];
    addOwn(this.model, transfer, Date.now());
  }

  #prepare(number: number, change: (it: Preparing) => void): void {
    const it = this.preparing.find((it) => it.number === number);
    if (it) change(it);
  }

  #wake(): void {
    this.woke = true;
    this.#room.networkChanged();
    // Where nothing was lost, nobody needs to be told for long.
    setTimeout(() => (this.woke = false), WOKE_MS);
  }
}

/** What may be said of an error to the person. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Two frames of a screen. */
const DRAW_MS = 30;

/** How long it is said that the device slept. */
const WOKE_MS = 12_000;

/** Bytes of pictures that are taken without asking, in one room: they are in memory. */
const UNASKED_BYTES = 64 * 1024 * 1024;

/** Items of an own offer that are listed. */
const ITEMS = 1_000;
