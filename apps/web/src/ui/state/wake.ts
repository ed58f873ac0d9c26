// Notices that the device slept, or has another network.

/** Calls back after a sleep, and when the network came back, until the signal is given. */
export function watchWake(woke: () => void, until: AbortSignal): void {
  let last = Date.now();
  const look = (): void => {
    const slept = Date.now() - last > SLEPT_MS;
    last = Date.now();
    if (slept) woke();
  };
  const timer = setInterval(look, LOOK_MS);
  until.addEventListener('abort', () => clearInterval(timer), { once: true });
  window.addEventListener('online', woke, { signal: until });
  document.addEventListener('resume', look, { signal: until });
}

const LOOK_MS = 5_000;

/** Browsers wake the timers of hidden pages once a minute; what is longer was a sleep. */
const SLEPT_MS = 90_000;
