// Memory for pieces, used again and again: fresh memory costs more than the copy into it.

/** Buffers that nobody uses at the moment. */
export class Buffers {
  readonly #spare: ArrayBuffer[] = [];

  /** Copies bytes into a buffer of their length. */
  fill(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
    const at = this.#spare.findIndex((spare) => spare.byteLength === bytes.length);
    if (at < 0) return bytes.slice().buffer;
    const [spare] = this.#spare.splice(at, 1) as [ArrayBuffer];
    new Uint8Array(spare).set(bytes);
    return spare;
  }

  /** Takes a buffer back. */
  keep(buffer: ArrayBuffer): void {
    if (this.#spare.length < SPARE && buffer.byteLength > 0) this.#spare.push(buffer);
  }
}

/** As many as a fast transfer has on their way to the disk. */
const SPARE = 8;
