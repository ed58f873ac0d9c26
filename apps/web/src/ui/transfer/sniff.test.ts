import { expect, test } from 'vitest';
import { isStreamed, shownAs, takenUnasked } from './media';
import { fitsMemory, sniff } from './sniff';

test('pictures are known by their first bytes', () => {
  expect(sniff(png(640, 480))).toEqual({ type: 'image/png', width: 640, height: 480 });
  expect(sniff(bytes('GIF89a', [0x80, 2, 0xe0, 1]))).toEqual({ type: 'image/gif', width: 640, height: 480 });
  const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 11, 8, 1, 0xe0, 2, 0x80];
  expect(sniff(new Uint8Array(jpeg))).toEqual({ type: 'image/jpeg', width: 640, height: 480 });
  const webp = bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0]);
  expect(sniff(webp)).toEqual({ type: 'image/webp', width: 640, height: 480 });
});

test('what only claims to be a picture is none', () => {
  const claims = [
    bytes('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    bytes('<!doctype html><script>alert(1)</script>'),
    png(640, 480).slice(0, 20),
    new Uint8Array([0xff, 0xd8, 0xff, 0xe0]),
    new Uint8Array([0xff, 0xd8, 0xff, 0xff, 0xff, 0xff]),
    new Uint8Array(),
  ];
  for (const claim of claims) expect(sniff(claim)).toBeUndefined();
});

test('a bomb is seen before it is unpacked', () => {
  expect(fitsMemory(sniff(png(50_000, 50_000))!)).toBe(false);
  expect(fitsMemory(sniff(png(0, 10))!)).toBe(false);
  expect(fitsMemory(sniff(png(6_000, 4_000))!)).toBe(true);
});

test('only pictures, film and sound are shown, and only small pictures unasked', () => {
  const file = { single: true, size: 100 };
  expect(shownAs({ ...file, mediaType: 'image/PNG; x=y' })).toBe('picture');
  expect(shownAs({ ...file, mediaType: 'video/mp4' })).toBe('video');
  expect(shownAs({ ...file, mediaType: 'audio/mpeg' })).toBe('audio');
  for (const mediaType of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'video/', '', 'multipart/x']) {
    expect(shownAs({ ...file, mediaType }), mediaType).toBe('file');
    expect(isStreamed(mediaType), mediaType).toBe(false);
  }
  expect(shownAs({ single: false, mediaType: 'image/png' })).toBe('file');
  const offer = { ...file, mediaType: 'image/png' } as Parameters<typeof takenUnasked>[0];
  expect(takenUnasked(offer)).toBe(true);
  expect(takenUnasked({ ...offer, size: 5 * 1024 * 1024 })).toBe(false);
});

function png(width: number, height: number): Uint8Array {
  const head = bytes([0x89], 'PNG', [13, 10, 26, 10, 0, 0, 0, 13], 'IHDR', [0, 0, 0, 0, 0, 0, 0, 0]);
  const view = new DataView(head.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return head;
}

function bytes(...parts: Array<string | number[]>): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) =>
      typeof part === 'string' ? [...part].map((letter) => letter.charCodeAt(0)) : part,
    ),
  );
}
