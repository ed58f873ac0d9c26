// How much may wait on the bulk channel. Little: what waits there was promised, and a piece that is
// wanted first waits behind it. Chat does not: it has a channel of its own, and the browser takes
// turns.

/** What is known of a channel's queue. */
export interface Queue {
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  onbufferedamountlow: ((this: RTCDataChannel, event: globalThis.Event) => unknown) | null;
}

/** Grants the engine bytes as the channel gets rid of them. */
export class Credit {
  readonly #queue: Queue;
  readonly #grant: (bytes: number) => void;
  /** Bytes granted and not sent yet. */
  #unspent = 0;

  constructor(queue: Queue, grant: (bytes: number) => void) {
    this.#queue = queue;
    this.#grant = grant;
  }

  open(): void {
    this.#queue.bufferedAmountLowThreshold = LOW_BYTES;
    this.#queue.onbufferedamountlow = () => this.#top();
    this.#top();
  }

  onSent(bytes: number): void {
    this.#unspent -= bytes;
    // No event follows when the queue has never been above its threshold.
    if (this.#queue.bufferedAmount <= LOW_BYTES) this.#top();
  }

  /** Grants what is free, unless it is hardly worth it. */
  #top(): void {
    const free = QUEUE_BYTES - this.#queue.bufferedAmount - this.#unspent;
    if (free < GRANT_BYTES) return;
    this.#unspent += free;
    this.#grant(free);
  }
}

/** Bytes that wait on the channel or may come at any moment. */
export const QUEUE_BYTES = 256 * 1024;

/** When to grant more: soon enough that the queue never runs dry meanwhile. */
const LOW_BYTES = 128 * 1024;

/** Bytes to grant at once: an input for every frame would be one too many. */
const GRANT_BYTES = 64 * 1024;
