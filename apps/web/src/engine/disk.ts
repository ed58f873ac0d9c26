// Transfers that are kept on the disk, in the part of it that the browser keeps for this page (OPFS).
// A worker writes, since only workers may write at once and without copies.

import type { Answer, Ask, Wish } from './messages';
import type { Shelf } from './store';
import { PREFIX } from './sweep';

/** The worker, and what it was asked. */
export class Disk {
  readonly #worker: Worker;
  readonly #asked = new Map<number, { resolve: (it: unknown) => void; reject: (error: Error) => void }>();
  #next = 0;

  /** Deletes what was left by pages that are gone. Gives nothing where the browser has no disk. */
  static async open(): Promise<Disk | undefined> {
    if (typeof navigator.storage?.getDirectory !== 'function') return undefined;
    const disk = new Disk();
    try {
      await disk.ask({ type: 'start', folder: PREFIX + crypto.randomUUID() });
      return disk;
    } catch {
      // A private window may have none.
      disk.#worker.terminate();
      return undefined;
    }
  }

  private constructor() {
    this.#worker = new Worker(new URL('./disk.worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const asked = this.#asked.get(data.id);
      this.#asked.delete(data.id);
      if ('error' in data) asked?.reject(new Error(data.error));
      else asked?.resolve(data.value);
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#asked.values()) reject(new Error('the disk does not answer'));
      this.#asked.clear();
    };
  }

  async open(name: string, size: number): Promise<Shelf> {
    const shelf = (await this.ask({ type: 'open', name, size })) as number;
    return {
      write: (start, bytes) =>
        this.ask({ type: 'write', shelf, start, bytes }, [bytes]) as Promise<ArrayBuffer>,
      read: (start, end) => this.ask({ type: 'read', shelf, start, end }) as Promise<ArrayBuffer>,
      finish: () => this.ask({ type: 'finish', shelf }) as Promise<Blob>,
      drop: () => void this.ask({ type: 'drop', shelf }).catch(() => undefined),
    };
  }

  /** Deletes everything. */
  async close(): Promise<void> {
    await this.ask({ type: 'close' }).catch(() => undefined);
    this.#worker.terminate();
  }

  private ask(wish: Wish, give: Transferable[] = []): Promise<unknown> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, wish } satisfies Ask, give);
    });
  }
}
