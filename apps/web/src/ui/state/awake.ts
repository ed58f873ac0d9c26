// Keeps the screen on while files are on their way: a phone that sleeps stops them.

/** Holds the screen while it is wanted and the page is to be seen, until the signal is given. */
export class Awake {
  #wanted = false;
  #lock: Promise<WakeLockSentinel | undefined> | undefined;
  readonly #until: AbortSignal;

  constructor(until: AbortSignal) {
    this.#until = until;
    document.addEventListener('visibilitychange', () => this.#settle(), { signal: until });
    until.addEventListener('abort', () => this.want(false), { once: true });
  }

  want(wanted: boolean): void {
    if (this.#wanted === wanted) return;
    this.#wanted = wanted && !this.#until.aborted;
    this.#settle();
  }

  #settle(): void {
    const hold = this.#wanted && document.visibilityState === 'visible';
    if (hold) {
      this.#lock ??= request();
      return;
    }
    // The browser releases it by itself when the page is hidden; again does no harm.
    void this.#lock?.then((lock) => lock?.release()).catch(() => undefined);
    this.#lock = undefined;
  }
}

/** Nothing where the browser has no such thing, or saves its battery. */
function request(): Promise<WakeLockSentinel | undefined> {
  return navigator.wakeLock?.request('screen').catch(() => undefined) ?? Promise.resolve(undefined);
}
