// Files on offer, read in parts that are larger than what is asked for: each read of a blob takes a
// while, however little it is, and whoever asks for a piece asks for the next one soon.

/** Reads of one blob. */
export class Source {
  readonly #bytes: Blob;
  /** The parts read last, by number; the latest at the end. */
  readonly #parts = new Map<number, Promise<ArrayBuffer>>();

  constructor(bytes: Blob) {
    this.#bytes = bytes;
  }

  /** Reads bytes. What it gives must not be changed. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const number = Math.floor(start / PART_BYTES);
    const offset = start - number * PART_BYTES;
    if (offset + end - start > PART_BYTES) {
      return new Uint8Array(await this.#bytes.slice(start, end).arrayBuffer());
    }
    return new Uint8Array(await this.#part(number), offset, end - start);
  }

  #part(number: number): Promise<ArrayBuffer> {
    const start = number * PART_BYTES;
    const part =
      this.#parts.get(number) ?? this.#bytes.slice(start, start + PART_BYTES).arrayBuffer();
    this.#parts.delete(number);
    this.#parts.set(number, part);
    for (const oldest of this.#parts.keys()) {
      if (this.#parts.size <= PARTS) break;
      this.#parts.delete(oldest);
    }
    // One that failed may be there again.
    part.catch(() => this.#parts.delete(number));
    return part;
  }
}

/** Bytes that are read at once: four pieces. */
export const PART_BYTES = 4 * 1024 * 1024;

/** Parts that are kept: two members may be at different places. */
const PARTS = 2;
