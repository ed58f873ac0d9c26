// What is to be offered: picked, listed, hashed in a worker.

import { look } from './look';
import type { Begin, Told } from './messages';
import { load } from './module';

/** A file, or an empty folder, to be offered. */
export interface Offerable {
  /** Its name, behind those of the folders that it is in, with slashes. */
  path: string;
  /** Nothing for an empty folder. */
  file?: File;
}

/** How far the hashing is, in bytes. */
export interface OfferProgress {
  bytes: number;
  total: number;
}

/** What hashing gives. */
export interface HashedOffer {
  /** For the engine. */
  packed: Uint8Array;
  /** All files, one after the other. */
  bytes: Blob;
}

/** Why files could not be offered. */
export type OfferProblem =
  /** One of them cannot be read, or has changed meanwhile. */
  | 'unreadable'
  /** The engine does not want them, or cannot be had. */
  | 'other';

/** What stood in the way of an offer. */
export function offerProblem(error: unknown): OfferProblem {
  return error instanceof UnreadableError ? 'unreadable' : 'other';
}

class UnreadableError extends Error {}

/** Reads and hashes files. Rejects when that fails, or when it is given up. */
export async function hashOffer(
  files: Offerable[],
  progress?: (progress: OfferProgress) => void,
  signal?: AbortSignal,
): Promise<HashedOffer> {
  const bytes = new Blob(files.flatMap(({ file }) => (file ? [file] : [])));
  const only = files.length === 1 ? files[0]?.file : undefined;
  const begin: Begin = {
    module: (await load()).compiled,
    items: files.map(({ path, file }) =>
      file ? { path, size: file.size, modified: file.lastModified } : { path },
    ),
    bytes,
    look: only ? await look(only) : { mediaType: '', width: 0, height: 0 },
  };
  return { packed: await hash(begin, progress, signal), bytes };
}

function hash(
  begin: Begin,
  progress?: (progress: OfferProgress) => void,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const worker = new Worker(new URL('./hashing.worker.ts', import.meta.url), { type: 'module' });
  const hashed = new Promise<Uint8Array>((resolve, reject) => {
    const giveUp = (): void => reject(signal?.reason);
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.type === 'progress') progress?.({ bytes: data.bytes, total: begin.bytes.size });
      else if (data.type === 'done') resolve(data.packed);
      else reject(data.unreadable ? new UnreadableError(data.reason) : new Error(data.reason));
    };
    worker.postMessage(begin);
  });
  return hashed.finally(() => worker.terminate());
}
