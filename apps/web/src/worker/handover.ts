// What one page leaves for the next: what people share with Snug from elsewhere, and the room of a
// page that is being loaded again. It is held in memory, for a moment, and handed out once.

import { type Left, type Shared, SHARED, type Told } from '../ui/state/handover';
import type { Fetching, Lasting } from './scope';

/** Something that is held until it is taken, or for too long. */
class Held<T> {
  #it: T | undefined;
  #release: () => void = () => undefined;

  /** Holds it instead of what was held before. Resolves when it is not held any more. */
  hold(it: T): Promise<void> {
    this.#release();
    return new Promise((resolve) => {
      this.#it = it;
      const timer = setTimeout(() => this.#release(), HELD_MS);
      this.#release = () => {
        clearTimeout(timer);
        this.#it = undefined;
        resolve();
      };
    });
  }

  take(): T | undefined {
    const it = this.#it;
    this.#release();
    return it;
  }
}

const shared = new Held<Shared>();
const left = new Held<Left>();

/** Hears what a page leaves, or wants. The browser lets the worker live while something is held. */
export function hear(event: Lasting & MessageEvent<unknown>): void {
  const told = event.data as Told | undefined;
  switch (told?.type) {
    case 'left':
      event.waitUntil(left.hold(told.left));
      break;
    case 'take-left':
      event.ports[0]?.postMessage(left.take());
      break;
    case 'take-shared':
      event.ports[0]?.postMessage(shared.take());
      break;
    case undefined:
  }
}

/** Takes what the system shares, and opens the page that asks for it. */
export async function receive(event: Fetching): Promise<Response> {
  const form = await event.request.formData();
  const files = form.getAll('files').filter((it): it is File => it instanceof File);
  const lines = ['title', 'text', 'url'].flatMap((name) => {
    const line = form.get(name);
    return typeof line === 'string' && line !== '' ? [line] : [];
  });
  // Some put the address into the text as well, or the title.
  const text = lines.filter((line, at) => !lines.some((other, i) => i !== at && covers(other, line, i < at)));
  event.waitUntil(shared.hold({ files, text: text.join('\n') }));
  return Response.redirect(SHARED, 303);
}

/** Whether one line has all of another; of two equal ones the first has. */
function covers(one: string, other: string, first: boolean): boolean {
  return one === other ? first : one.includes(other);
}

/** Enough for a page to open on a slow phone. */
const HELD_MS = 20_000;
