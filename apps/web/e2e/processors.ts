// What the machine's processors did (Linux: proc(5), `/proc/stat`).

import { readFileSync } from 'node:fs';

/** Milliseconds of all processors together, since the machine started. */
export interface Processors {
  /** For anything that runs here, and for the system. */
  busy: number;
  idle: number;
  /** For others on the same hardware. */
  stolen: number;
}

export function processors(): Processors {
  const [line] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const ticks = line!.trim().split(/ +/).slice(1).map(Number);
  const [user, nice, system, idle, waiting, interrupts, soft, stolen] = ticks.map((it) => it * TICK_MS);
  return {
    busy: user! + nice! + system! + interrupts! + soft!,
    idle: idle! + waiting!,
    stolen: stolen!,
  };
}

/** `USER_HZ` is 100 on all systems that have a browser. */
const TICK_MS = 10;
