// What the page may do in a room, and what it hears: the whole of the engine that components see.
//
// All rules of the protocol are in the engine, which is Rust compiled to WebAssembly; its types are
// generated. What is here and beside it is what only a browser has: sockets, connections, files, a
// clock.

import { Driver } from './driver';
import type { Code, CodeReading, Entry, Event, QrPicture, Said, TransferId } from './module';
import { load } from './module';
import type { Offerable, OfferProgress } from './offer';
import { hashOffer } from './offer';

export type {
  Check,
  ClientId,
  Code,
  CodeReading,
  CodeProblem,
  CommandRefusal,
  DeclineReason,
  EndReason,
  Entry,
  Event,
  Item,
  LinkStatus,
  MessageId,
  Offered,
  Path,
  Person,
  QrPicture,
  Refusal,
  Said,
  Secrecy,
  ServerStatus,
  TransferFailure,
  TransferId,
} from './module';
export { NotLoaded } from './module';
export type { Offerable, OfferProblem, OfferProgress } from './offer';
export { offerProblem } from './offer';

/** How to take part. */
export interface RoomOptions {
  /** A new room, or one whose code is known. */
  entry: Entry;
  /** How to be called; empty for no name. At most 64 bytes. */
  nickname: string;
  /** Hides this machine's addresses from the others. Slower. */
  relayOnly?: boolean;
  /** Passes on what it receives to others who want it; does unless told otherwise. */
  shares?: boolean;
  /** The address of the server, without a slash at the end; where the page came from by default. */
  server?: string;
  /** Hears everything, in order. Must not throw. */
  listen: (event: RoomEvent) => void;
}

/**
 * What a person may want to know. After `ended` or `crashed` nothing follows; what was received
 * stays until the room is left.
 */
export type RoomEvent = Event | Crashed;

/** The engine has failed, which is our mistake. The room is over. */
export interface Crashed {
  type: 'crashed';
  /** What happened, for a report to us. */
  message: string;
}

/** A file that has arrived, every byte verified. It is gone when the room is left. */
export interface ReceivedFile {
  /** Its number among the items of the offer. */
  item: number;
  /** Its path, with slashes; safe to create anywhere. */
  path: string;
  /** Its bytes, which may be on the disk. Give it the type that it is to be shown as. */
  blob: Blob;
}

/** Where a file found no room, and how many bytes there were. */
export interface NoRoom {
  where: 'memory' | 'disk';
  wanted: number;
  left: number;
}

/** What was offered. */
export interface OwnOffer {
  transfer: TransferId;
  /** Bytes of all files. */
  size: number;
}

/** A member's place in a room. */
export class Room {
  readonly #driver: Driver;
  readonly #server: string;

  private constructor(driver: Driver, server: string) {
    this.#driver = driver;
    this.#server = server;
  }

  /**
   * Enters a room. Resolves once the engine runs; `room` tells that the room is entered.
   * Rejects with a message for people when the code is none or the name is too long.
   */
  static async open(options: RoomOptions): Promise<Room> {
    const server = options.server ?? location.origin;
    const driver = await Driver.start({
      config: {
        entry: options.entry,
        nickname: options.nickname,
        relayOnly: options.relayOnly ?? false,
        shares: options.shares ?? true,
      },
      server,
      listen: options.listen,
    });
    return new Room(driver, server);
  }

  /** The link that lets others in. */
  link(code: string): string {
    return `${this.#server}/#${code}`;
  }

  /** Says something to everyone; at most 16 KiB. */
  say(text: string, replyTo?: string): void {
    this.#driver.command({
      type: 'say',
      text,
      sentAt: Date.now(),
      ...(replyTo === undefined ? {} : { replyTo }),
    });
  }

  /** Sets a reaction to a message, or takes it back. */
  react(id: string, emoji: string, on: boolean): void {
    this.#driver.command({ type: 'react', id, emoji, on, sentAt: Date.now() });
  }

  /** Gives one of this member's own messages another text. */
  edit(id: string, text: string): void {
    this.#driver.command({ type: 'edit', id, text, sentAt: Date.now() });
  }

  /** Takes one of this member's own messages back. */
  delete(id: string): void {
    this.#driver.command({ type: 'delete', id, sentAt: Date.now() });
  }

  /** Tells the others that this member is typing, or stopped. Call it on every key. */
  typing(on: boolean): void {
    this.#driver.command({ type: 'typing', on });
  }

  /** Says that a person has seen every message so far. */
  markRead(): void {
    this.#driver.command({ type: 'mark-read' });
  }

  /** Changes how this member is called. */
  rename(nickname: string): void {
    this.#driver.command({ type: 'set-profile', nickname, camera: false, microphone: false });
  }

  /** The messages as they stand, in the order that all members share. */
  messages(): Said[] {
    return this.#driver.messages();
  }

  /**
   * Offers files and folders, as one, to everyone and to those who come later. They are read once
   * to be hashed, and again when somebody wants them. `offerProblem` tells why it rejects.
   */
  async offer(
    files: Offerable[],
    progress?: (progress: OfferProgress) => void,
    signal?: AbortSignal,
  ): Promise<OwnOffer> {
    const hashed = await hashOffer(files, progress, signal);
    const transfer = this.#driver.offer(hashed);
    return { transfer, size: hashed.bytes.size };
  }

  /** Starts to receive what is on offer, or some of its items. */
  accept(transfer: TransferId, items?: number[]): void {
    this.#driver.command({ type: 'accept', transfer, ...(items === undefined ? {} : { items }) });
  }

  /** Asks for nothing more of what is being received, until it is resumed. */
  pause(transfer: TransferId): void {
    this.#driver.command({ type: 'pause', transfer });
  }

  /** Goes on receiving. */
  resume(transfer: TransferId): void {
    this.#driver.command({ type: 'resume', transfer });
  }

  /** Does not want what is on offer. */
  decline(transfer: TransferId): void {
    this.#driver.command({ type: 'decline', transfer });
  }

  /** Stops offering or receiving. */
  cancel(transfer: TransferId): void {
    this.#driver.command({ type: 'cancel', transfer });
  }

  /** Asks for some bytes of what is being received before all others. The latest wish counts. */
  prioritize(transfer: TransferId, start: number, end: number): void {
    this.#driver.command({ type: 'prioritize', transfer, start, end });
  }

  /**
   * Reads bytes of what is offered here, was accepted or was received, once they have arrived and
   * are verified; at most 1 MiB of them. Those that are missing are asked for before all others.
   * Of several files they are counted through them all.
   */
  read(transfer: TransferId, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#driver.read(transfer, start, end, signal);
  }

  /** The files of what was received; none before `received`. */
  files(transfer: TransferId): ReceivedFile[] {
    return this.#driver.files(transfer);
  }

  /** Why a transfer could not be kept, if that was for want of room. */
  noRoom(transfer: TransferId): NoRoom | undefined {
    return this.#driver.noRoom(transfer);
  }

  /** Deletes what was received of a transfer. It is not passed on any more. */
  discard(transfer: TransferId): void {
    this.#driver.discard(transfer);
  }

  /** The machine has another network or woke up: looks at every path again. */
  networkChanged(): void {
    this.#driver.command({ type: 'network-changed' });
  }

  /** Leaves for good, and deletes everything. What has to be sent is sent before this returns. */
  leave(): Promise<void> {
    return this.#driver.leave();
  }
}

/** Reads a code as it is typed, or the link that ends in it. */
export async function readCode(typed: string): Promise<CodeReading> {
  const module = await load();
  return module.readCode(typed);
}

/** Reads a code that is complete, or gives nothing. */
export async function completeCode(typed: string): Promise<Code | undefined> {
  const reading = await readCode(typed);
  return reading.type === 'complete' ? reading : undefined;
}

/** Draws a link; nothing if it is too long. */
export async function qrCode(link: string): Promise<QrPicture | undefined> {
  const module = await load();
  return module.qrCode(link);
}
