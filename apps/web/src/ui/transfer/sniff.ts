// What a picture really is, by its first bytes, before the browser decodes it: a small file may
// unpack to gigabytes, and a name may say anything.

export interface Sniffed {
  type: PictureType;
  width: number;
  height: number;
}

export type PictureType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/avif';

/** Bytes at the start that tell; in a JPEG, what the camera says of itself comes before the size. */
export const SNIFF_BYTES = 256 * 1024;

/** Reads the head of a file. Nothing if it is no picture that pages show, or its size is hidden. */
export function sniff(head: Uint8Array): Sniffed | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    return png(view) ?? gif(view) ?? jpeg(view) ?? webp(view) ?? avif(view);
  } catch (error) {
    // It ends too early.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether a picture can be decoded without harm. */
export function fitsMemory({ width, height }: Sniffed): boolean {
  return width > 0 && height > 0 && width * height <= PIXELS;
}

function png(view: DataView): Sniffed | undefined {
  if (view.getUint32(0) !== 0x89504e47 || text(view, 12, 4) !== 'IHDR') return undefined;
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

function gif(view: DataView): Sniffed | undefined {
  if (!/^GIF8[79]a$/.test(text(view, 0, 6))) return undefined;
  return { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function jpeg(view: DataView): Sniffed | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    // Frames begin with C0 to CF, but for three that are tables.
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}

function webp(view: DataView): Sniffed | undefined {
  if (text(view, 0, 4) !== 'RIFF' || text(view, 8, 4) !== 'WEBP') return undefined;
  const type = 'image/webp';
  switch (text(view, 12, 4)) {
    case 'VP8X':
      return { type, width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { type, width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return {
        type,
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    default:
      return undefined;
  }
}

/** The largest of the sizes that it tells (ISO/IEC 23008-12 §6.5.3): thumbnails have some too. */
function avif(view: DataView): Sniffed | undefined {
  if (text(view, 4, 4) !== 'ftyp' || !/^avi[fs]$/.test(text(view, 8, 4))) return undefined;
  const end = Math.min(view.byteLength - 16, AVIF_BYTES);
  let [width, height] = [0, 0];
  for (let at = 12; at < end; at++) {
    if (view.getUint32(at) !== ISPE) continue;
    width = Math.max(width, view.getUint32(at + 8));
    height = Math.max(height, view.getUint32(at + 12));
  }
  return width > 0 ? { type: 'image/avif', width, height } : undefined;
}

function text(view: DataView, at: number, length: number): string {
  return String.fromCharCode(...Array.from({ length }, (_, index) => view.getUint8(at + index)));
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

/** `ispe`, the box that holds a size. */
const ISPE = 0x69737065;
const AVIF_BYTES = 16 * 1024;

/** What a phone's camera makes, and four times that in bytes of memory. */
const PIXELS = 64_000_000;
