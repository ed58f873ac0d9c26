// Transfers that are kept in memory: small ones, and all where a browser gives no disk.

import type { Shelf } from './store';

/** Pieces by where they begin; one blob once all are there. */
export class MemoryShelf implements Shelf {
  #pieces = new Map<number, ArrayBuffer>();
  #blob: Blob | undefined;

  write(start: number, bytes: ArrayBuffer): Promise<undefined> {
    this.#pieces.set(start, bytes);
    return Promise.resolve(undefined);
  }

  async read(start: number, end: number): Promise<ArrayBuffer> {
    if (this.#blob) return this.#blob.slice(start, end).arrayBuffer();
    const bytes = new Uint8Array(end - start);
    for (const [at, piece] of this.#pieces) {
      const from = Math.max(at, start);
      const to = Math.min(at + piece.byteLength, end);
      if (from < to) bytes.set(new Uint8Array(piece, from - at, to - from), from - start);
    }
    return bytes.buffer;
  }

  finish(): Promise<Blob> {
    if (!this.#blob) {
      const pieces = [...this.#pieces].sort(([a], [b]) => a - b);
      const parts: ArrayBuffer[] = [];
      let end = 0;
      for (const [start, piece] of pieces) {
        // What was not wanted is missing, and what follows it keeps its place.
        if (start > end) parts.push(new ArrayBuffer(start - end));
        parts.push(piece);
        end = start + piece.byteLength;
      }
      this.#blob = new Blob(parts);
      this.#pieces.clear();
    }
    return Promise.resolve(this.#blob);
  }

  drop(): void {
    this.#pieces.clear();
    this.#blob = undefined;
  }
}
