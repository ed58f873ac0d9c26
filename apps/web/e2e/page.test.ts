// People meet at the page that the server hands out, under its own policy.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('an invitation outlives a network that fails', async () => {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const phone = await world.browser();
  await phone.route('**/*.wasm', (route) => route.abort());
  const ben = await Person.at(world, phone, `/#${code}`);
  await ben.sees('Snug could not be loaded.');
  expect(await ben.barriers()).toEqual([]);
  await phone.unroute('**/*.wasm');
  await ben.press('Try again');
  await ben.sees(code);
  expect(await ben.page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  await ben.comesIn('Ben');
  await ann.sees('Ben came in');
});

test('what cannot be loaded at the start is not blamed on the browser', async () => {
  const phone = await world.browser();
  await phone.route('**/*.wasm', (route) => route.abort());
  const ann = await Person.at(world, phone);
  await ann.sees('Snug could not be loaded.');
  await ann.press('Open a room');
  await ann.page.getByRole('heading', { name: 'Snug could not be loaded.' }).waitFor();
  await phone.unroute('**/*.wasm');
  await ann.press('Try again');
  await ann.inRoom();
});

test('a name is as long as all can hear it', async () => {
  const ann = await Person.at(world, browser);
  const longest = '猫'.repeat(21);
  await ann.page.getByLabel('Your name').pressSequentially('猫'.repeat(24));
  expect(await ann.page.getByLabel('Your name').inputValue()).toBe(longest);
  await ann.press('Open a room');
  await ann.inRoom();
  await ann.press('Change your name');
  await ann.page.getByLabel('Your name').fill('犬'.repeat(24));
  await ann.page.keyboard.press('Enter');
  await ann.page.locator('.me').getByText('犬'.repeat(21), { exact: true }).waitFor();
  expect(await ann.page.getByText('This name is too long.').count()).toBe(0);
});

test('two people talk, answer, react, change and take back', async () => {
  const { ann, ben } = await pair(world, browser);
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

test('where there are fingers, Enter breaks the line', async () => {
  const { ann, ben } = await pair(world, browser);
  const debug = await browser.newCDPSession(ann.page);
  await debug.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  await debug.send('Emulation.setEmulatedMedia', { features: [{ name: 'pointer', value: 'coarse' }] });
  const field = ann.page.getByRole('textbox', { name: 'Message' });
  await ann.page.waitForFunction(() => document.querySelector('textarea')?.enterKeyHint === 'enter');
  await field.fill('first');
  await ann.page.keyboard.press('Enter');
  await ann.page.keyboard.type('second');
  expect(await field.inputValue()).toBe('first\nsecond');
  await ann.press('Send');
  await ben.sees('second');
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

test('a file waits until it is taken', async () => {
  const { ann, ben } = await pair(world, browser);
  await ben.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(300_000, 1) });
  await ann.press('Take');
  await ann.sees('every byte checked');
  await ben.sees('Ann has it');
});

test('what is not wanted any more can be offered again', async () => {
  const { ann, ben } = await pair(world, browser);
  const map = { name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(300_000, 1) };
  await ann.offers(map);
  await ben.press('No, thanks');
  await ann.sees('Ben does not want it');
  await ann.says('are you sure?');
  await ann.press('Offer no longer');
  await ann.sees('Cancelled.');
  await ann.offers(map);
  await ann.page.getByRole('button', { name: 'Offer no longer' }).waitFor();
  await ben.press('Take');
  await ann.sees('Ben has it');
  // Where people look for it: below what was said meanwhile.
  const last = ben.page.locator('.log > :last-child');
  expect(await last.getByText('every byte checked').count()).toBe(1);
  expect([ann.complaints, ben.complaints]).toEqual([[], []]);
});

test('pictures that are picked together are all shown', async () => {
  const { ann, ben } = await pair(world, browser);
  const pictures = ['red', 'blue'].map(async (colour) => {
    const drawn = await ann.page.evaluate(paint, colour);
    return { name: `${colour}.png`, mimeType: 'image/png', buffer: Buffer.from(drawn, 'base64') };
  });
  await ann.offers(await Promise.all(pictures));
  for (const { page } of [ann, ben]) {
    for (const name of ['red.png', 'blue.png']) await page.getByRole('img', { name }).waitFor();
  }
  await ann.sees('Ben has it');
  expect([ann.complaints, ben.complaints]).toEqual([[], []]);
});

test('files and folders that are dropped are offered', async () => {
  const { ann, ben } = await pair(world, browser);
  const folder = world.scratch();
  mkdirSync(join(folder, 'walk', 'empty'), { recursive: true });
  writeFileSync(join(folder, 'walk', 'notes.txt'), 'up the hill');
  writeFileSync(join(folder, 'map.pdf'), 'the hill');
  const debug = await browser.newCDPSession(ann.page);
  await ann.page.bringToFront();
  const data = { items: [], files: [join(folder, 'walk'), join(folder, 'map.pdf')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await debug.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  }
  await ben.page.getByRole('article', { name: 'map.pdf' }).waitFor();
  await ben.page.getByRole('article', { name: 'walk' }).getByText('Show what is in it').click();
  await ben.sees('walk/notes.txt');
  await ben.sees('walk/empty');
  expect(ann.complaints).toEqual([]);
});

test('a picture beside a text is not offered, and what cannot be read is told of', async () => {
  const { ann, ben } = await pair(world, browser);
  await ann.page.bringToFront();
  expect(await ann.page.evaluate(paste, { text: '1\t2', name: 'table.png' })).toBe('left alone');
  expect(await ann.page.evaluate(paste, { text: '', name: 'picture.txt' })).toBe('taken');
  await ben.page.getByRole('article', { name: 'picture.txt' }).waitFor();
  expect(await ann.page.getByText('table.png').count()).toBe(0);
  await ann.page.evaluate(dropUnreadable);
  await ann.page.getByRole('alert').filter({ hasText: 'A file cannot be read' }).waitFor();
  await ann.press('Dismiss');
  await ann.page.getByText('A file cannot be read').waitFor({ state: 'detached' });
  expect(ann.complaints).toEqual([]);
});

test('a video plays before it is whole', async () => {
  const { ann, ben } = await pair(world, browser);
  // Nothing is drawn in a page that is behind another.
  await ben.page.bringToFront();
  const clip = Buffer.from(await ben.page.evaluate(record), 'base64');
  const path = join(world.scratch(), 'clip.webm');
  writeFileSync(path, Buffer.concat([clip, filler()]));
  await ben.page.evaluate(keepBack, FILLER_BYTES / 2);
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
  await ben.page.evaluate(() => window.giveAll());
  await ann.sees('every byte checked');
  expect(ann.complaints).toEqual([]);
});

test('nothing stands in the way of those who cannot see or point', async () => {
  const start = await Person.at(world, browser);
  expect(await start.barriers()).toEqual([]);
  const { ann, ben, code } = await pair(world, browser);
  await ben.says('Hello **Ann**, see https://a.example/ and `code`');
  await ben.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(3_000) });
  await ann.sees('Take');
  for (const scheme of ['dark', 'light'] as const) {
    await ann.page.emulateMedia({ colorScheme: scheme });
    expect(await ann.barriers(), scheme).toEqual([]);
  }
  await ann.press('Compare emoji');
  expect(await ann.barriers(), 'emoji').toEqual([]);
  await ann.page.keyboard.press('Escape');
  await ann.page.setViewportSize({ width: 360, height: 740 });
  expect(await ann.barriers(), 'phone').toEqual([]);
  await ann.press('People and code');
  expect(await ann.barriers(), 'people').toEqual([]);
  await ann.page.keyboard.press('Escape');
  await ann.press('Leave');
  expect(await ann.barriers(), 'leaving').toEqual([]);
  await ann.press('Leave');
  await ann.sees('You left');
  expect(await ann.barriers(), 'left').toEqual([]);
  const door = await Person.at(world, browser, `/#${code}`);
  await door.sees(code);
  expect(await door.barriers(), 'door').toEqual([]);
});

test('nothing is kept but the page itself', async () => {
  const { ann } = await pair(world, browser);
  await ann.says('hello');
  await ann.press('Leave');
  await ann.press('Leave');
  await ann.sees('You left');
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
  await ann.served();
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

/** Paints a picture of one colour, in Base64. */
function paint(colour: string): string {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').split(',')[1]!;
}

/** Pastes a file and a text where one writes. */
function paste({ text, name }: { text: string; name: string }): string {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  clipboardData.items.add(new File(['x'], name));
  const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
  return document.querySelector('textarea')!.dispatchEvent(event) ? 'left alone' : 'taken';
}

/** Drops a folder that is gone when it is looked into. */
function dropUnreadable(): void {
  const readEntries: FileSystemDirectoryReader['readEntries'] = (_, fail) =>
    fail!(new DOMException('no such folder.', 'NotFoundError'));
  const folder = { name: 'gone', isFile: false, createReader: () => ({ readEntries }) };
  DataTransferItem.prototype.webkitGetAsEntry = () => folder as unknown as FileSystemEntry;
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['x'], 'gone'));
  const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector('.room')!.dispatchEvent(event);
}

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

/** Lets nobody have what is behind these bytes of a file before `giveAll`. */
function keepBack(bytes: number): void {
  const slice = Blob.prototype.slice;
  const all = new Promise<void>((give) => (window.giveAll = give));
  Blob.prototype.slice = function (start, ...rest) {
    const part = slice.call(this, start, ...rest);
    const read = part.arrayBuffer.bind(part);
    if ((start ?? 0) >= bytes) part.arrayBuffer = () => all.then(read);
    return part;
  };
}

declare global {
  interface Window {
    giveAll: () => void;
  }
}

/** An element of Matroska that players skip (RFC 8794 §11.3.2, Void): what makes the file long. */
function filler(): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(0xec);
  head.writeUInt8(0x01, 1);
  head.writeUIntBE(FILLER_BYTES, 3, 6);
  return Buffer.concat([head, Buffer.alloc(FILLER_BYTES)]);
}

const FILLER_BYTES = 32 * 1024 * 1024;
