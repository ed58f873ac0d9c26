import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchWake } from './wake';

/** How often a page that is watched would have been told that it woke. */
function watched(): { woken: () => number; stop: () => void } {
  let woken = 0;
  const until = new AbortController();
  watchWake(() => woken++, until.signal);
  return { woken: () => woken, stop: () => until.abort() };
}

describe('waking', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', new EventTarget());
    vi.stubGlobal('document', new EventTarget());
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is noticed after a sleep', () => {
    const page = watched();
    vi.advanceTimersByTime(20_000);
    expect(page.woken()).toBe(0);
    // Timers stand still, the clock on the wall does not.
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(5_000);
    expect(page.woken()).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(page.woken()).toBe(1);
  });

  it('is noticed at once where the browser says so', () => {
    const page = watched();
    vi.setSystemTime(Date.now() + 3_600_000);
    document.dispatchEvent(new Event('resume'));
    expect(page.woken()).toBe(1);
  });

  it('is not what happens to a page in the background, whose timers are slow', () => {
    const page = watched();
    for (let minutes = 0; minutes < 10; minutes++) {
      vi.setSystemTime(Date.now() + 55_000);
      vi.advanceTimersByTime(5_000);
    }
    expect(page.woken()).toBe(0);
  });

  it('is what another network is like', () => {
    const page = watched();
    window.dispatchEvent(new Event('online'));
    expect(page.woken()).toBe(1);
  });

  it('is of no interest after the room', () => {
    const page = watched();
    page.stop();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(5_000);
    window.dispatchEvent(new Event('online'));
    expect(page.woken()).toBe(0);
  });
});
