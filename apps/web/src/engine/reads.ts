// Reads of bytes that may have to arrive first.

/** The reads that wait for the engine's answer. */
export class Reads {
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #next = 0;

  /** Asks for bytes, and gives up when told to. */
  start(
    ask: (id: number) => void,
    forget: (id: number) => void,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = this.#next++;
    const read = withResolvers<Uint8Array>();
    this.#waiting.set(id, read);
    signal?.addEventListener(
      'abort',
      () => {
        if (!this.#waiting.delete(id)) return;
        forget(id);
        read.reject(signal.reason);
      },
      { once: true },
    );
    ask(id);
    return read.promise;
  }

  resolve(id: number, bytes: Promise<Uint8Array>): void {
    this.#take(id)?.resolve(bytes);
  }

  reject(id: number, why: string): void {
    this.#take(id)?.reject(new Error(why));
  }

  close(): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, 'the room was left');
  }

  #take(id: number): PromiseWithResolvers<Uint8Array> | undefined {
    const read = this.#waiting.get(id);
    this.#waiting.delete(id);
    return read;
  }
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason: unknown) => void;
}

/** As `Promise.withResolvers`, which browsers have since 2024 only. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
