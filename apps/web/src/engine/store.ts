// Where bytes come from and where they land. Which bytes, and whether they are right, is the
// engine's business.

import { Buffers } from './buffers';
import { Disk } from './disk';
import { MemoryShelf } from './memory';
import type { Input, LinkId, Output, Place, ReadFrom, TransferId } from './module';
import type { NoRoom, ReceivedFile } from './room';
import { Source } from './source';

/** One transfer on its way in: a long run of bytes. */
export interface Shelf {
  /** Keeps bytes that begin at `start`. They are given away, and may come back to be used again. */
  write(start: number, bytes: ArrayBuffer): Promise<ArrayBuffer | undefined>;
  read(start: number, end: number): Promise<ArrayBuffer>;
  /** Nothing is written any more. */
  finish(): Promise<Blob>;
  drop(): void;
}

type StoreOutput = Extract<
  Output,
  { type: 'open-sink' | 'finish-sink' | 'drop-sink' | 'close-source' | 'read-piece' }
>;
type OpenSink = Extract<Output, { type: 'open-sink' }>;
type FinishSink = Extract<Output, { type: 'finish-sink' }>;
type WritePiece = Extract<Output, { type: 'write-piece' }>;
type ReadPiece = Extract<Output, { type: 'read-piece' }>;

/** Takes a piece that was read for another member. */
type PieceRead = (transfer: TransferId, piece: number, link: LinkId, bytes: Uint8Array) => void;

export class Store {
  /** Nothing where the browser has none. */
  readonly #disk = Disk.open();
  readonly #sources = new Map<TransferId, Source>();
  readonly #buffers = new Buffers();
  readonly #shelves = new Map<TransferId, Promise<Shelf>>();
  readonly #files = new Map<TransferId, ReceivedFile[]>();
  /** Bytes of memory that are spoken for, by transfer. */
  readonly #inMemory = new Map<TransferId, number>();
  readonly #noRoom = new Map<TransferId, NoRoom>();
  #report: (input: Input) => void = () => undefined;
  #pieceRead: PieceRead = () => undefined;

  listen(report: (input: Input) => void, pieceRead: PieceRead): void {
    this.#report = report;
    this.#pieceRead = pieceRead;
  }

  addSource(transfer: TransferId, bytes: Blob): void {
    this.#sources.set(transfer, new Source(bytes));
  }

  execute(output: StoreOutput): void {
    switch (output.type) {
      case 'open-sink':
        void this.#openSink(output);
        break;
      case 'finish-sink':
        void this.#finishSink(output);
        break;
      case 'drop-sink':
        this.drop(output.transfer);
        break;
      case 'close-source':
        this.#sources.delete(output.transfer);
        break;
      case 'read-piece':
        void this.#readPiece(output);
        break;
    }
  }

  /** Keeps a piece. `view` is good for this call only. */
  write({ transfer, run, piece, start }: WritePiece, view: Uint8Array<ArrayBuffer>): void {
    const bytes = this.#buffers.fill(view);
    this.#try(transfer, run, async () => {
      const back = await (await this.#shelf(transfer)).write(start, bytes);
      if (back) this.#buffers.keep(back);
      this.#report({ type: 'piece-stored', transfer, run, piece });
    });
  }

  /** Reads bytes for this member, who may do with them what it likes. */
  async read({ from, transfer, start, end }: ReadRange): Promise<Uint8Array> {
    return (await this.#bytes(from, transfer, start, end)).slice();
  }

  files(transfer: TransferId): ReceivedFile[] {
    return this.#files.get(transfer) ?? [];
  }

  /** Why there was no room for a transfer, if there was none. */
  noRoom(transfer: TransferId): NoRoom | undefined {
    return this.#noRoom.get(transfer);
  }

  /** Deletes what has arrived of a transfer. To members who want it, it cannot be read any more. */
  drop(transfer: TransferId): void {
    const shelf = this.#shelves.get(transfer);
    this.#shelves.delete(transfer);
    this.#files.delete(transfer);
    this.#inMemory.delete(transfer);
    shelf?.then((it) => it.drop()).catch(() => undefined);
  }

  /** Deletes everything that has arrived. */
  async close(): Promise<void> {
    this.#sources.clear();
    this.#files.clear();
    this.#shelves.clear();
    this.#inMemory.clear();
    this.#noRoom.clear();
    await (await this.#disk)?.close();
  }

  #openSink({ transfer, run, size, wanted }: OpenSink): void {
    this.drop(transfer);
    this.#noRoom.delete(transfer);
    const shelf = this.#makeShelf(transfer, size, wanted);
    this.#shelves.set(transfer, shelf);
    this.#try(transfer, run, async () => {
      await shelf;
      this.#report({ type: 'sink-opened', transfer, run });
    });
  }

  async #makeShelf(transfer: TransferId, size: number, wanted: number): Promise<Shelf> {
    const disk = await this.#disk;
    const used = [...this.#inMemory.values()].reduce((sum, bytes) => sum + bytes, 0);
    const left = MEMORY_BYTES - used;
    if (disk && (wanted > SMALL_BYTES || wanted > left)) {
      await checkDisk(wanted);
      return disk.open(transfer, size);
    }
    if (wanted > left) throw new NoRoomError({ where: 'memory', wanted, left });
    this.#inMemory.set(transfer, wanted);
    return new MemoryShelf();
  }

  #finishSink({ transfer, run, files }: FinishSink): void {
    this.#try(transfer, run, async () => {
      const all = await (await this.#shelf(transfer)).finish();
      this.#files.set(transfer, files.map((place) => received(all, place)));
      this.#report({ type: 'sink-finished', transfer, run });
    });
  }

  async #readPiece({ from, transfer, piece, link, start, end }: ReadPiece): Promise<void> {
    try {
      const bytes = await this.#bytes(from, transfer, start, end);
      this.#pieceRead(transfer, piece, link, bytes);
    } catch (error) {
      this.#report({ type: 'read-failed', transfer, reason: reason(error) });
    }
  }

  async #bytes(from: ReadFrom, transfer: TransferId, start: number, end: number): Promise<Uint8Array> {
    if (from === 'sink') return new Uint8Array(await (await this.#shelf(transfer)).read(start, end));
    const source = this.#sources.get(transfer);
    if (!source) throw new Error('the files are not on offer any more');
    return source.read(start, end);
  }

  #shelf(transfer: TransferId): Promise<Shelf> {
    return this.#shelves.get(transfer) ?? Promise.reject(new Error('it was given up'));
  }

  #try(transfer: TransferId, run: number, act: () => Promise<void>): void {
    act().catch((error: unknown) => {
      if (error instanceof NoRoomError) this.#noRoom.set(transfer, error.room);
      this.#report({ type: 'sink-failed', transfer, run, reason: reason(error) });
    });
  }
}

type ReadRange = Extract<Output, { type: 'read-range' }>;

function received(all: Blob, { item, path, start, size }: Place): ReceivedFile {
  return { item, path, blob: all.slice(start, start + size) };
}

/** Says beforehand that the disk is full, as far as the browser tells. */
async function checkDisk(wanted: number): Promise<void> {
  const { quota, usage } = await navigator.storage.estimate();
  const left = Math.max(0, (quota ?? Infinity) - (usage ?? 0));
  if (wanted > left) throw new NoRoomError({ where: 'disk', wanted, left });
}

class NoRoomError extends Error {
  readonly room: NoRoom;

  constructor(room: NoRoom) {
    super(`there is no room: ${room.wanted} bytes of ${room.where} are wanted, and ${room.left} are left`);
    this.room = room;
  }
}

function reason(error: unknown): string {
  if (error instanceof DOMException && error.name === 'NotReadableError') {
    return 'the file has changed, or cannot be read any more';
  }
  return error instanceof Error ? error.message : String(error);
}

/** What is smaller does not touch the disk while there is memory: a picture in a chat. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** Bytes of files in memory, where there is no disk or they are small. A phone spares that much. */
const MEMORY_BYTES = 256 * 1024 * 1024;
