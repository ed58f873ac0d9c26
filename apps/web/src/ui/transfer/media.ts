// Which files are shown in the page. Everything else is a file to be saved.

import type { Transfer } from '../state/transfer';

/** How something on offer is shown. */
export type Shown = 'picture' | 'video' | 'audio' | 'file';

/** By what the sender says: whether it is true is seen when it is there. */
export function shownAs({ single, mediaType }: Pick<Transfer, 'single' | 'mediaType'>): Shown {
  const type = plainType(mediaType);
  if (!single) return 'file';
  if (PICTURES.has(type)) return 'picture';
  if (!isStreamed(type)) return 'file';
  return type.startsWith('video/') ? 'video' : 'audio';
}

/** Whether it is a kind that a page may stream: sound or film, and nothing that could be a page. */
export function isStreamed(mediaType: string): boolean {
  return STREAMED.has(mediaType);
}

/** Whether an offer of another is taken without asking: a picture that costs nearly nothing. */
export function takenUnasked(it: Transfer): boolean {
  return shownAs(it) === 'picture' && it.size <= SMALL_BYTES;
}

/** A media type without its parameters, in lower case. */
export function plainType(mediaType: string): string {
  return mediaType.split(';')[0]!.trim().toLowerCase();
}

/** The service worker answers for addresses below this one. */
export const MEDIA_PATH = '/media/';

const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

const STREAMED = new Set([
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'video/x-m4v',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/opus',
  'audio/webm',
  'audio/wav',
  'audio/x-wav',
  'audio/flac',
  'audio/x-flac',
  'audio/x-m4a',
]);

/** Small enough to be taken without asking. */
const SMALL_BYTES = 4 * 1024 * 1024;
