// What this page leaves for the one after it, and finds of the one before. The service worker holds
// it in memory for a moment: nothing is stored.

/** What people shared with Snug from elsewhere. */
export interface Shared {
  files: File[];
  text: string;
}

/** The room of a page that went, for the one that is loaded in its place. */
export interface Left {
  code: string;
  nickname: string;
  relayOnly: boolean;
}

/** What pages tell the service worker. It answers on the port that came with it. */
export type Told = { type: 'left'; left: Left } | { type: 'take-left' } | { type: 'take-shared' };

/** The page's address when something was shared with it. */
export const SHARED = '/?shared';

/** Leaves a room behind, in case the page is only loaded again. */
export function leaveBehind(left: Left): void {
  tell({ type: 'left', left });
}

/** The room that the page was in before it was loaded again, if it was. */
export async function takeLeft(): Promise<Left | undefined> {
  const [navigation] = performance.getEntriesByType('navigation');
  const again = (navigation as PerformanceNavigationTiming | undefined)?.type === 'reload';
  return again ? ask<Left>({ type: 'take-left' }) : undefined;
}

export function takeShared(): Promise<Shared | undefined> {
  return ask<Shared>({ type: 'take-shared' });
}

async function ask<T>(told: Told): Promise<T | undefined> {
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise<T | undefined>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<T | undefined>) => resolve(data);
    setTimeout(resolve, ANSWER_MS);
  });
  if (!tell(told, port2)) return undefined;
  const it = await heard;
  port1.close();
  return it;
}

function tell(told: Told, port?: MessagePort): boolean {
  const worker = navigator.serviceWorker?.controller;
  worker?.postMessage(told, port ? [port] : []);
  return worker !== null && worker !== undefined;
}

/** A worker that does not answer by then has to be started first, and has forgotten everything. */
const ANSWER_MS = 3_000;
