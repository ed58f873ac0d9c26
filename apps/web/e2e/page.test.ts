// People meet at the page that the server hands out, under its own policy.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from './fixture';
import { Person } from './page';

let world: World;
let browser: BrowserContext;

beforeAll(async () => {
  world = await World.start();
  browser = await world.browser();
});
afterAll(() => world.stop());

/** Two people in a room. */
async function pair(name = 'Ben'): Promise<{ ann: Person; ben: Person; code: string }> {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const ben = await Person.at(world, browser, `/#${code}`);
  await ben.comesIn(name);
  await ann.sees('2 people');
  await ann.sees('Verified');
  return { ann, ben, code };
}

test('a link waits for a tap, and its words leave the address', async () => {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const ben = await Person.at(world, browser, `/#${code}`);
  await ben.sees('You are invited');
  expect(ben.page.url()).toBe(`${world.server}/`);
  expect(await ann.page.getByText('Only you').count()).toBe(1);
  await ben.comesIn('Ben');
  await ann.sees('Ben came in');
});

test('two people talk, answer, react, change and take back', async () => {
  const { ann, ben } = await pair();
  await ann.says('Where is the **lake**?');
  await ben.page.locator('strong', { hasText: 'lake' }).waitFor();
  await ben.press('What to do with this message');
  await ben.press('Reply');
  await ben.says('Behind the mil');
  await ann.page.locator('blockquote', { hasText: 'Where is the lake?' }).waitFor();
  await ben.press('What to do with this message');
  await ben.press('Edit');
  await ben.says('Behind the mill');
  await ann.sees('Behind the mill');
  await ann.sees('edited');
  await ann.press('What to do with this message');
  await ann.press('React with 👍');
  await ben.page.getByRole('button', { name: '👍 from Ann' }).waitFor();
  await ben.press('What to do with this message');
  await ben.press('Take back');
  await ann.sees('taken back');
  expect([...ann.complaints, ...ben.complaints]).toEqual([]);
});

test('a code is helped with while it is typed', async () => {
  const ann = await Person.at(world, browser);
  const field = ann.page.getByLabel('Code of the room');
  await field.fill('k7q4x9 otter lemn cloud ferry');
  await ann.sees('not in any code');
  await ann.press('lemon');
  await ann.sees('That is a whole code.');
  expect(await field.inputValue()).toBe('k7q4x9 otter lemon cloud ferry');
});

test('wrong words, and a room that is not there, are told with what to do', async () => {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const eve = await Person.at(world, browser, `/#${code.slice(0, 6)}-acid-acid-acid-acid`);
  await eve.press('Come in');
  await eve.sees('These words do not open this room.');
  await ann.sees('Somebody tried to come in with wrong words.');
  const mallory = await Person.at(world, browser, '/#ZZZZZZ-acid-acid-acid-acid');
  await mallory.press('Come in');
  await mallory.sees('There is no such room');
});

test('what hostile people write is only text', async () => {
  const { ann, ben } = await pair('\u202e<img src=x onerror="hacked=true">');
  const hostile = [
    '<script>window.hacked = true</script>',
    '<img src=x onerror="window.hacked=true"><svg onload="window.hacked=true">',
    '[click](javascript:window.hacked=true) javascript:alert(1)',
    '[x](https://a.example/"onmouseover="window.hacked=true) https://a.example/"><script>hacked=1</script>',
    '{@html "<b>x</b>"} ${hacked=true} {{constructor.constructor("hacked=true")()}}',
    '\u202egnp.exe\u202c and \u2066back\u2069',
    `Z${'\u0301\u0489'.repeat(4_000)}algo`,
    '\u200b'.repeat(3_000) + 'x',
    'w'.repeat(9_000),
    '\u001b]0;title\u0007\u001b[31mred\u001b[2J',
    `${'> '.repeat(2_000)}deep`,
    '*'.repeat(9_000),
  ];
  for (const text of hostile) await ben.says(text);
  await ben.says('that was all');
  await ann.sees('that was all');
  const harm = await ann.page.evaluate(() => ({
    hacked: 'hacked' in window,
    elements: document.querySelectorAll('.log :is(script, img, svg[onload], iframe, style)').length,
    handlers: [...document.querySelectorAll('.log *')].filter((it) =>
      it.getAttributeNames().some((name) => name.startsWith('on') || name === 'style'),
    ).length,
    links: [...document.querySelectorAll<HTMLAnchorElement>('.log a')].map((it) => `${it.protocol} ${it.rel}`),
    sideways: document.documentElement.scrollWidth > innerWidth,
    tall: [...document.querySelectorAll('.bubble')].filter((it) => it.clientHeight > 5_000).length,
  }));
  expect(harm).toMatchObject({ hacked: false, elements: 0, handlers: 0, sideways: false, tall: 0 });
  for (const link of harm.links) expect(link).toBe('https: noopener noreferrer nofollow');
  expect([...ann.complaints, ...ben.complaints]).toEqual([]);
});

test('two people of one name are told apart', async () => {
  const { ann } = await pair('Ann');
  const names = await ann.page.locator('aside .name').allTextContents();
  expect(names[0]).toMatch(/^Ann [0-9a-f]{4}$/);
});

test('a small picture is shown unasked, and what only claims to be one is not', async () => {
  const { ann, ben } = await pair();
  await ben.offers({ name: 'dot.png', mimeType: 'image/png', buffer: DOT });
  await ann.page.getByRole('img', { name: 'dot.png' }).waitFor();
  const bomb = Buffer.from(DOT);
  bomb.writeUInt32BE(50_000, 16);
  bomb.writeUInt32BE(50_000, 20);
  await ben.offers({ name: 'bomb.png', mimeType: 'image/png', buffer: bomb });
  await ann.sees('too large to be shown');
  const page = Buffer.from('<!doctype html><script>hacked = true</script>');
  await ben.offers({ name: 'page.png', mimeType: 'image/png', buffer: page });
  await ann.sees('not the picture that it claims to be');
  expect(ann.complaints).toEqual([]);
});

test('a file waits until it is taken', async () => {
  const { ann, ben } = await pair();
  await ben.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(300_000, 1) });
  await ann.press('Take');
  await ann.sees('every byte checked');
  await ben.sees('Ann has it');
});

test('a video plays before it is whole', async () => {
  const { ann, ben } = await pair();
  // Nothing is drawn in a page that is behind another.
  await ben.page.bringToFront();
  const clip = Buffer.from(await ben.page.evaluate(record), 'base64');
  const path = join(world.scratch(), 'clip.webm');
  writeFileSync(path, Buffer.concat([clip, filler()]));
  await ben.offers(path);
  await ann.page.bringToFront();
  await ann.press('Take');
  await ann.page.locator('video').waitFor();
  await ann.page.evaluate(() => {
    const video = document.querySelector('video')!;
    video.muted = true;
    return video.play();
  });
  await ann.page.waitForFunction(() => document.querySelector('video')!.currentTime > 0.3);
  expect(await ann.page.getByText('every byte checked').count()).toBe(0);
  expect(ann.complaints).toEqual([]);
});

test('nothing stands in the way of those who cannot see or point', async () => {
  const start = await Person.at(world, browser);
  expect(await start.barriers()).toEqual([]);
  const { ann, ben } = await pair();
  await ben.says('Hello **Ann**, see https://a.example/ and `code`');
  await ben.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(3_000) });
  await ann.sees('Take');
  for (const scheme of ['dark', 'light'] as const) {
    await ann.page.emulateMedia({ colorScheme: scheme });
    expect(await ann.barriers(), scheme).toEqual([]);
  }
  await ann.press('Compare emoji');
  expect(await ann.barriers()).toEqual([]);
  await ann.page.keyboard.press('Escape');
  await ann.press('Leave');
  expect(await ann.barriers()).toEqual([]);
});

test('nobody else is asked for anything, and nothing is kept but the page itself', async () => {
  const { ann } = await pair();
  await ann.says('hello');
  await ann.press('Leave');
  await ann.press('Leave');
  await ann.sees('You left');
  expect([...ann.asked]).toEqual([world.server]);
  const kept = await ann.page.evaluate(async () => ({
    cookie: document.cookie,
    stored: localStorage.length + sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    cached: (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys())))
      .flat()
      .map(({ url }) => new URL(url).pathname)
      .filter((path) => !/^\/($|assets\/|icon|manifest)/.test(path)),
  }));
  expect(kept).toEqual({ cookie: '', stored: 0, databases: 0, cached: [] });
});

test('the page opens without a network, and says what is missing', async () => {
  const ann = await Person.at(world, browser);
  await ann.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await browser.setOffline(true);
  try {
    await ann.page.reload();
    await ann.press('Open a room');
    await ann.sees('The server is out of reach');
  } finally {
    await browser.setOffline(false);
  }
  await ann.press('Try again');
  await ann.inRoom();
});

/** One pixel. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

/** Makes two seconds of film, in Base64. */
function record(): Promise<string> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  const drawn = setInterval(() => {
    context.fillStyle = `hsl(${performance.now() / 5} 70% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }, 40);
  return new Promise((resolve) => {
    recorder.onstop = () => {
      const reader = new FileReader();
      reader.onload = () => resolve((reader.result as string).split(',')[1]!);
      reader.readAsDataURL(new Blob(parts));
    };
    setTimeout(() => (clearInterval(drawn), recorder.stop()), 2_000);
  });
}

/** An element of Matroska that players skip (RFC 8794 §11.3.2, Void): what makes the file long. */
function filler(): Buffer {
  const length = 150 * 1024 * 1024;
  const head = Buffer.alloc(9);
  head.writeUInt8(0xec);
  head.writeUInt8(0x01, 1);
  head.writeUIntBE(length, 3, 6);
  return Buffer.concat([head, Buffer.alloc(length)]);
}
