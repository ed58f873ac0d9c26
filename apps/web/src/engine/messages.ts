// What the page and its workers tell each other.

import type { Listed, Look } from '../../engine/pkg/snug_web.js';

/** When to ring, for the clock. A new wish replaces the one before. */
export interface Wake {
  inMs: number;
}

/** What the disk is asked. */
export interface Ask {
  id: number;
  wish: Wish;
}

/** What is wanted of the disk. A shelf is one transfer. */
export type Wish =
  | { type: 'start'; folder: string }
  | { type: 'open'; name: string; size: number }
  | { type: 'write'; shelf: number; start: number; bytes: ArrayBuffer }
  | { type: 'read'; shelf: number; start: number; end: number }
  | { type: 'finish'; shelf: number }
  | { type: 'drop'; shelf: number }
  | { type: 'close' };

/** What the disk answers. */
export type Answer = { id: number; value: unknown } | { id: number; error: string };

/** What is to be hashed. */
export interface Begin {
  module: WebAssembly.Module;
  items: Listed[];
  /** All of them, one after the other. */
  bytes: Blob;
  look: Look;
}

/** How far the hashing is. */
export type Told =
  | { type: 'progress'; bytes: number }
  | { type: 'done'; packed: Uint8Array<ArrayBuffer> }
  | { type: 'failed'; unreadable: boolean; reason: string };
