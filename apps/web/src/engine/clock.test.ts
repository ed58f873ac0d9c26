import { describe, expect, it } from 'vitest';
import { Alarm } from './clock';

/** An alarm, the timers that it started, and how often it rang. */
function alarm(): { alarm: Alarm; timers: number[]; set: (time: number, now: number) => void; rung: () => number } {
  const timers: number[] = [];
  let rung = 0;
  const alarm = new Alarm((inMs) => timers.push(inMs));
  const set = (time: number, now: number): void => alarm.set(time, now, () => rung++);
  return { alarm, timers, set, rung: () => rung };
}

describe('an alarm', () => {
  it('starts one timer however often it is set', () => {
    const it = alarm();
    for (let now = 0; now < 100; now++) it.set(500 + now, now);
    expect(it.timers).toEqual([500]);
  });

  it('starts another when it is to ring sooner', () => {
    const it = alarm();
    it.set(500, 0);
    it.set(100, 50);
    expect(it.timers).toEqual([500, 50]);
  });

  it('rings when it is due and not before', () => {
    const it = alarm();
    it.set(100, 0);
    it.set(300, 50);
    it.alarm.ring(100);
    expect(it.rung()).toBe(0);
    expect(it.timers).toEqual([100, 200]);
    it.alarm.ring(300);
    expect(it.rung()).toBe(1);
  });

  it('rings once', () => {
    const it = alarm();
    it.set(100, 0);
    it.alarm.ring(100);
    it.alarm.ring(200);
    expect(it.rung()).toBe(1);
  });
});
