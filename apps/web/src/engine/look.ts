// How a picture or a video looks, for the offer: its size and a small picture of it, which the
// browser draws anew. So nothing of the file itself is in it, such as where a photo was taken.

import type { Look } from './module';

/** Looks at a file. What cannot be shown has a media type at most. */
export async function look(file: File): Promise<Look> {
  const plain: Look = { mediaType: file.type, width: 0, height: 0 };
  try {
    if (DRAWABLE.test(file.type) && file.size <= PICTURE_BYTES) return await picture(file, plain);
    if (file.type.startsWith('video/')) return await video(file, plain);
  } catch {
    // It is what its name says, or it is not: whoever receives it will see.
  }
  return plain;
}

async function picture(file: File, plain: Look): Promise<Look> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const thumbnail = await draw(bitmap, width, height);
  bitmap.close();
  return { ...plain, width, height, ...thumbnail };
}

async function video(file: File, plain: Look): Promise<Look> {
  const element = document.createElement('video');
  const url = URL.createObjectURL(file);
  try {
    element.muted = true;
    element.preload = 'auto';
    element.src = url;
    await happens(element, 'loadeddata');
    const { videoWidth: width, videoHeight: height, duration } = element;
    if (Number.isFinite(duration)) {
      // The first frame is often black.
      element.currentTime = Math.min(1, duration / 10);
      await happens(element, 'seeked');
    }
    const durationMs = Number.isFinite(duration) ? { durationMs: Math.round(duration * 1000) } : {};
    const thumbnail = width > 0 ? await draw(element, width, height) : {};
    return { ...plain, width, height, ...durationMs, ...thumbnail };
  } finally {
    element.removeAttribute('src');
    element.load();
    URL.revokeObjectURL(url);
  }
}

/** Draws it small enough for an offer; nothing if that is not to be had. */
async function draw(
  image: CanvasImageSource,
  width: number,
  height: number,
): Promise<{ thumbnail?: Uint8Array }> {
  const scale = Math.min(1, THUMBNAIL_PIXELS / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (!context) return {};
  // Where it is transparent.
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.8, 0.6, 0.4, 0.2]) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (blob && blob.size <= THUMBNAIL_BYTES) {
      return { thumbnail: new Uint8Array(await blob.arrayBuffer()) };
    }
  }
  return {};
}

function happens(element: HTMLMediaElement, event: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it takes too long')), LOOK_MS);
    element.addEventListener(event, () => (clearTimeout(timer), resolve()), { once: true });
    element.addEventListener('error', () => (clearTimeout(timer), reject(new Error('no video'))), {
      once: true,
    });
  });
}

/** Kinds that are pixels and nothing else: no script, no other file. */
const DRAWABLE = /^image\/(avif|bmp|gif|jpeg|png|webp)$/;

/** Larger pictures take too much memory to be looked at. */
const PICTURE_BYTES = 64 * 1024 * 1024;

/** The longer side. */
const THUMBNAIL_PIXELS = 320;

/** What fits into an offer; the engine leaves out what does not. */
const THUMBNAIL_BYTES = 16 * 1024;

/** Nobody waits longer for a preview. */
const LOOK_MS = 5_000;
