// The page's side of playing what still arrives: the service worker asks for ranges of bytes here,
// since only the page knows them.

import type { Room } from '../../engine/room';
import { type RoomModel } from '../state/model';
import { MEDIA_PATH, isStreamed, plainType } from './media';

/** What the service worker asks on the port that came with the request. */
export type MediaAsk = { type: 'describe' } | { type: 'read'; start: number; end: number };

/** What it hears. */
export type MediaAnswer =
  | { type: 'media'; size: number; mediaType: string }
  | { type: 'bytes'; bytes: ArrayBuffer }
  | { type: 'none' };

/** The address that plays a transfer, where there is a service worker to answer it. */
export function mediaAddress(transfer: string): string | undefined {
  return navigator.serviceWorker?.controller ? MEDIA_PATH + transfer : undefined;
}

/** Answers the service worker until the signal is given. */
export function serveMedia(room: Room, model: RoomModel, until: AbortSignal): void {
  navigator.serviceWorker?.addEventListener(
    'message',
    ({ data, ports: [port] }: MessageEvent<{ media?: unknown }>) => {
      const transfer = data?.media;
      if (port && typeof transfer === 'string') answer(room, model, transfer, port, until);
    },
    { signal: until },
  );
  navigator.serviceWorker?.startMessages();
}

function answer(
  room: Room,
  model: RoomModel,
  transfer: string,
  port: MessagePort,
  until: AbortSignal,
): void {
  const given = new AbortController();
  const signal = AbortSignal.any([given.signal, until]);
  signal.addEventListener('abort', () => port.close(), { once: true });
  port.onmessage = ({ data }: MessageEvent<MediaAsk | 'close'>) => {
    if (data === 'close') given.abort();
    else void reply(data);
  };
  const reply = async (ask: MediaAsk): Promise<void> => {
    const told = await find(ask).catch((): MediaAnswer => ({ type: 'none' }));
    if (signal.aborted) return;
    port.postMessage(told, told.type === 'bytes' ? [told.bytes] : []);
  };
  const find = async (ask: MediaAsk): Promise<MediaAnswer> => {
    const known = Object.hasOwn(model.transfers, transfer) ? model.transfers[transfer] : undefined;
    const mediaType = plainType(known?.mediaType ?? '');
    if (!known?.single || !isStreamed(mediaType)) return { type: 'none' };
    if (ask.type === 'describe') return { type: 'media', size: known.size, mediaType };
    // What is whole plays on when the room is over.
    const whole = room.files(transfer)[0]?.blob.slice(ask.start, ask.end);
    if (whole) return { type: 'bytes', bytes: await whole.arrayBuffer() };
    const bytes = await room.read(transfer, ask.start, ask.end, signal);
    const alone = bytes.byteLength === bytes.buffer.byteLength;
    return { type: 'bytes', bytes: (alone ? bytes : bytes.slice()).buffer as ArrayBuffer };
  };
}
