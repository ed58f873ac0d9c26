// What hostile people write, and the files that they offer, do no harm to those who see them.

import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from './fixture';
import { pair, Person } from './page';

let world: World;
let browser: BrowserContext;

beforeAll(async () => {
  world = await World.start();
  browser = await world.browser();
});
afterAll(async () => {
  await world.stop();
  expect([...world.asked], 'nobody but the server is asked for anything').toEqual([world.server]);
});

test('what hostile people write is only text', async () => {
  const { ann, ben } = await pair(world, browser, '\u202e<img src=x onerror="hacked=true">');
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
  // The browser's debugger speaks UTF-8, which has no half of a pair.
  await ben.page.evaluate(() => {
    const field = document.querySelector('textarea')!;
    field.value = `half ${String.fromCharCode(0xd83d)} and ${String.fromCharCode(0xdc00)} of a pair`;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await ben.page.keyboard.press('Enter');
  await ann.sees(/half . and . of a pair/u);
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

test('a flood of messages leaves the page usable', async () => {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const flood = world.snug('join', code, '--name', 'Flood');
  await flood.until('link', { status: 'connected' });
  for (let count = 0; count < 3_000; count++) flood.does({ do: 'say', text: `message ${count}` });
  await ann.sees('message 2999');
  await ann.says('enough');
  await flood.until('message', { text: 'enough' });
  expect(await ann.page.locator('.message').count()).toBeLessThan(500);
  expect(ann.complaints).toEqual([]);
});

test('two people of one name are told apart', async () => {
  const { ann } = await pair(world, browser, 'Ann');
  const names = await ann.page.locator('aside .name').allTextContents();
  expect(names[0]).toMatch(/^Ann [0-9a-f]{4}$/);
});

test('a small picture is shown unasked, and what only claims to be one is not', async () => {
  const { ann, ben } = await pair(world, browser);
  await ben.offers(file('dot.png', 'image/png', DOT));
  const shown = ann.page.getByRole('img', { name: 'dot.png' });
  await shown.waitFor();
  expect(await shown.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(1);
  const bomb = Buffer.from(DOT);
  bomb.writeUInt32BE(50_000, 16);
  bomb.writeUInt32BE(50_000, 20);
  await ben.offers(file('bomb.png', 'image/png', bomb));
  await ann.sees('too large to be shown');
  const claims = ['<!doctype html><script>hacked = true</script>', SVG, '', '\u0089PNG'];
  for (const [count, text] of claims.entries()) {
    await ben.offers(file(`claim-${count}.png`, 'image/png', Buffer.from(text)));
    const card = ann.page.getByRole('article', { name: `claim-${count}.png` });
    await card.getByText('not the picture that it claims to be').waitFor();
  }
  expect(await ann.page.evaluate(() => 'hacked' in window)).toBe(false);
  expect(ann.complaints).toEqual([]);
});

test('files that are two things, end too early or lie about themselves do nothing', async () => {
  const { ann, ben } = await pair(world, browser);
  const photo = Buffer.from(await ben.page.evaluate(draw), 'base64');
  const files = [
    // A picture that is a script as well.
    file('both.gif', 'image/gif', Buffer.concat([Buffer.from('GIF89a/*'), Buffer.alloc(40), Buffer.from('*/=1;hacked=true')])),
    file('half.jpg', 'image/jpeg', photo.subarray(0, photo.length / 2)),
    file('drawing.svg', 'image/svg+xml', Buffer.from(SVG)),
    file('page.html', 'text/html', Buffer.from('<script>hacked = true</script>')),
    file('nothing.bin', 'application/octet-stream', Buffer.alloc(0)),
    file('<img src=x onerror=hacked=true>.txt', 'text/html', Buffer.from('x')),
    file('\u202egpj.exe', 'image/jpeg"><script>hacked=true</script>', Buffer.from('x')),
    file(`${'long '.repeat(40)}.txt`, 'text/plain', Buffer.from('x')),
  ];
  for (const it of files) await ben.offers(it);
  // Films whose index points nowhere, and one without a byte.
  const lying = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42\xff\xff\xff\xffmoov\0\0\0\x10stco\xff\xff\xff\xff', 'latin1');
  for (const [name, bytes] of [['lying.mp4', lying], ['empty.mp4', Buffer.alloc(0)]] as const) {
    await ben.offers(file(name, 'video/mp4', bytes));
    const card = ann.page.getByRole('article', { name });
    await card.getByRole('button', { name: 'Take' }).click();
    await card.getByText('This browser cannot play it.').waitFor();
  }
  expect(await ann.page.getByRole('article').count()).toBe(files.length + 2);
  const harm = await ann.page.evaluate(() => ({
    hacked: 'hacked' in window,
    elements: document.querySelectorAll('.log :is(script, svg[onload], iframe, object, embed, style)').length,
    sideways: document.documentElement.scrollWidth > innerWidth,
  }));
  expect(harm).toEqual({ hacked: false, elements: 0, sideways: false });
  // What has no byte is not there for the player, which says so.
  expect(ann.complaints.filter((it) => !it.startsWith('Failed to load resource'))).toEqual([]);
});

function file(name: string, mimeType: string, buffer: Buffer): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType, buffer };
}

/** Draws a photo of a kind, in Base64. */
async function draw(): Promise<string> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  for (let at = 0; at < 300; at += 3) {
    context.fillStyle = `hsl(${at} 80% 50%)`;
    context.fillRect(at, (at * 7) % 150, 90, 40);
  }
  return canvas.toDataURL('image/jpeg').split(',')[1]!;
}

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="hacked=true"><script>hacked=true</script></svg>';

/** One pixel. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
