// Why Snug does not start.

import { NotLoaded } from '../../engine/room';
import { reason } from './session.svelte';

export type Failure =
  /** The network did not bring all of it. */
  | { type: 'unloaded'; message: string }
  /** This browser cannot run it. */
  | { type: 'failed'; message: string };

export function failureOf(error: unknown): Failure {
  return { type: error instanceof NotLoaded ? 'unloaded' : 'failed', message: reason(error) };
}
