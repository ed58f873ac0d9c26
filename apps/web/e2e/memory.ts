// What a browser's processes take of the machine (Linux: proc(5)).

import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of memory of a browser, which was started on that profile. */
export interface Memory {
  /** The process in which the page runs. */
  page: number;
  /** All processes together, what they share counted once. */
  all: number;
}

/** Looks how much memory a browser has now. */
export function memoryOf(profile: string): Memory {
  const processes = list();
  const main = processes.find(({ line, type }) => type === '' && line.includes(profile));
  const family = new Set([main?.pid]);
  // Children have higher numbers than their parents, until those start anew.
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const own = processes.filter(({ pid }) => family.has(pid));
  const bytes = own.map(({ pid }) => share(pid));
  const pages = own.flatMap(({ type }, at) => (type === 'renderer' ? [bytes[at]!] : []));
  return { page: Math.max(0, ...pages), all: bytes.reduce((sum, it) => sum + it, 0) };
}

interface Process {
  pid: number;
  parent: number;
  line: string;
  /** Empty for the first one of a browser. */
  type: string;
}

function list(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const line = Number.isInteger(pid) ? read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') : '';
    if (line === '') return [];
    const parent = Number(/\) \S (\d+)/.exec(read(`/proc/${pid}/stat`))?.[1] ?? 0);
    return [{ pid, parent, line, type: /--type=(\S+)/.exec(line)?.[1] ?? '' }];
  });
}

/** Bytes of a process, with its part of what it shares. */
function share(pid: number): number {
  const kilobytes = /^Pss: +(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? '0';
  return Number(kilobytes) * 1024;
}

/** Nothing of a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
