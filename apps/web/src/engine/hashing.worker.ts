// Reads what is to be offered and hashes it, so that the page goes on meanwhile.

import init, { Offering } from '../../engine/pkg/snug_web.js';
import type { Begin, Told } from './messages';

self.onmessage = async ({ data }: MessageEvent<Begin>) => {
  try {
    const packed = await hash(data);
    tell({ type: 'done', packed }, [packed.buffer]);
  } catch (error) {
    // What reads a file throws these.
    const unreadable = error instanceof DOMException;
    tell({ type: 'failed', unreadable, reason: error instanceof Error ? error.message : String(error) });
  }
};

async function hash({ module, items, bytes, look }: Begin): Promise<Uint8Array<ArrayBuffer>> {
  await init({ module_or_path: module });
  const offering = new Offering({ items });
  // The next part is read while this one is hashed.
  let next = read(bytes, 0);
  for (let at = 0; at < bytes.size; at += PART_BYTES) {
    const part = await next;
    next = read(bytes, at + PART_BYTES);
    offering.update(new Uint8Array(part));
    tell({ type: 'progress', bytes: at + part.byteLength });
  }
  return offering.finish(look) as Uint8Array<ArrayBuffer>;
}

function read(bytes: Blob, at: number): Promise<ArrayBuffer> {
  const part = bytes.slice(at, at + PART_BYTES).arrayBuffer();
  // It is waited for later, if at all.
  part.catch(() => undefined);
  return part;
}

function tell(told: Told, give: Transferable[] = []): void {
  self.postMessage(told, { transfer: give });
}

/** Bytes that are read at once. */
const PART_BYTES = 4 * 1024 * 1024;
