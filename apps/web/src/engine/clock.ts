// The time, and being woken. Timers of a page in the background run once a second at best; those of
// a worker run on time.

import type { Wake } from './messages';

/** The session's clock. */
export interface Clock {
  /** Milliseconds, never going back. */
  now(): number;
  /** Calls back at that time, or soon after. Only the latest wish counts. */
  wakeAt(time: number, wake: () => void): void;
  /** Wakes nobody any more. */
  stop(): void;
}

/** A clock whose timers run in a worker. */
export function startClock(): Clock {
  const worker = new Worker(new URL('./clock.worker.ts', import.meta.url), { type: 'module' });
  const alarm = new Alarm((inMs) => worker.postMessage({ inMs } satisfies Wake));
  worker.onmessage = () => alarm.ring(performance.now());
  return {
    now: () => performance.now(),
    wakeAt: (time, wake) => alarm.set(time, performance.now(), wake),
    stop: () => worker.terminate(),
  };
}

/** Keeps to one timer, however often it is set. */
export class Alarm {
  #due: number | undefined;
  /** When the timer under way ends. */
  #rings: number | undefined;
  #wake: () => void = () => undefined;
  readonly #start: (inMs: number) => void;

  constructor(start: (inMs: number) => void) {
    this.#start = start;
  }

  set(time: number, now: number, wake: () => void): void {
    this.#due = time;
    this.#wake = wake;
    // A timer that rings too early is set again; most never have to be.
    if (this.#rings === undefined || time < this.#rings) {
      this.#rings = time;
      this.#start(Math.max(0, time - now));
    }
  }

  ring(now: number): void {
    this.#rings = undefined;
    const due = this.#due;
    if (due === undefined) return;
    if (now < due) {
      this.set(due, now, this.#wake);
      return;
    }
    this.#due = undefined;
    this.#wake();
  }
}
