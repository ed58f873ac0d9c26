// Writes and reads files on the disk. One folder for each page that is open, which is deleted when
// the page says so, or by the next page: nobody holds its lock any more then.

import type { Answer, Ask, Wish } from './messages';
import { sweep } from './sweep';

interface File {
  name: string;
  handle: FileSystemFileHandle;
  /** Until it is finished. */
  access: FileSystemSyncAccessHandle | undefined;
}

const files = new Map<number, File>();
let next = 0;
let folderName = '';
let folder: FileSystemDirectoryHandle;

self.onmessage = async ({ data: { id, wish } }: MessageEvent<Ask>) => {
  try {
    const value = await carryOut(wish);
    const give = value instanceof ArrayBuffer ? [value] : [];
    self.postMessage({ id, value } satisfies Answer, { transfer: give });
  } catch (error) {
    self.postMessage({ id, error: explain(error) } satisfies Answer);
  }
};

async function carryOut(wish: Wish): Promise<unknown> {
  switch (wish.type) {
    case 'start':
      return start(wish.folder);
    case 'open':
      return open(wish.name, wish.size);
    case 'write':
      return write(wish.shelf, wish.start, wish.bytes);
    case 'read':
      return read(wish.shelf, wish.start, wish.end);
    case 'finish':
      return finish(wish.shelf);
    case 'drop':
      return drop(wish.shelf);
    case 'close':
      return close();
  }
}

async function start(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await hold(name);
  folderName = name;
  folder = await root.getDirectoryHandle(name, { create: true });
  await sweep();
}

/** Holds the folder's lock for as long as this worker lives. */
function hold(name: string): Promise<void> {
  return new Promise((held) => {
    void navigator.locks.request(name, () => {
      held();
      return new Promise(() => undefined);
    });
  });
}

async function open(transfer: string, size: number): Promise<number> {
  const shelf = next++;
  // A name of its own: an older file of the same transfer may still be there.
  const name = `${transfer}-${shelf}`;
  const handle = await folder.getFileHandle(name, { create: true });
  const access = await handle.createSyncAccessHandle();
  access.truncate(size);
  files.set(shelf, { name, handle, access });
  return shelf;
}

/** Gives the bytes back. */
function write(shelf: number, start: number, bytes: ArrayBuffer): ArrayBuffer {
  const { access } = find(shelf);
  if (!access) throw new Error('the file is complete');
  const written = access.write(bytes, { at: start });
  if (written < bytes.byteLength) throw new Error('the disk is full');
  return bytes;
}

async function read(shelf: number, start: number, end: number): Promise<ArrayBuffer> {
  const { access, handle } = find(shelf);
  if (!access) return (await handle.getFile()).slice(start, end).arrayBuffer();
  const bytes = new ArrayBuffer(end - start);
  if (access.read(bytes, { at: start }) < bytes.byteLength) throw new Error('the file is shorter');
  return bytes;
}

async function finish(shelf: number): Promise<Blob> {
  const file = find(shelf);
  file.access?.close();
  file.access = undefined;
  return file.handle.getFile();
}

async function drop(shelf: number): Promise<void> {
  const file = find(shelf);
  files.delete(shelf);
  file.access?.close();
  await folder.removeEntry(file.name);
}

async function close(): Promise<void> {
  for (const { access } of files.values()) access?.close();
  files.clear();
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folderName, { recursive: true });
}

function find(shelf: number): File {
  const file = files.get(shelf);
  if (!file) throw new Error('it was given up');
  return file;
}

function explain(error: unknown): string {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') return 'the disk is full';
  return error instanceof Error ? error.message : String(error);
}
