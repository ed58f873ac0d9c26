// What rooms go through: more people, pages that are loaded again or closed, a server that goes away.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OTHER_KEY, PATIENCE_MS, World } from './fixture';
import { pair, Person } from './page';

/** More than is kept in memory. */
const FILE_BYTES = 6 * 1024 * 1024;

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

test('four people are together', async () => {
  const ann = await Person.at(world, browser);
  const code = await ann.opens('Ann');
  const all = [ann];
  for (const name of ['Ben', 'Cleo', 'Dora']) {
    const person = await Person.at(world, browser, `/#${code}`);
    await person.comesIn(name);
    all.push(person);
  }
  for (const person of all) {
    await person.sees('4 people');
    await person.page.locator('aside .trust.verified').nth(2).waitFor();
  }
  for (const [at, person] of all.entries()) await person.says(`I am number ${at}`);
  for (const person of all) {
    for (const at of all.keys()) await person.sees(`I am number ${at}`);
  }
  await ann.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(3_000_000, 1) });
  for (const person of all.slice(1)) await person.press('Take');
  for (const name of ['Ben', 'Cleo', 'Dora']) await ann.sees(`${name} has it`);
  expect(all.flatMap(({ complaints }) => complaints)).toEqual([]);
});

test('a page that is loaded again asks to come back, and is let in', async () => {
  const { ann, ben } = await pair(world, browser);
  await ben.served();
  await ben.page.reload();
  await ben.sees('You were just here');
  expect(ben.page.url()).toBe(`${world.server}/`);
  await ann.sees('Only you');
  expect(await ben.page.getByLabel('Your name').inputValue()).toBe('Ben');
  await ben.press('Come in');
  await ben.inRoom();
  await ann.sees('2 people');
  await ben.says('here again');
  await ann.sees('here again');
  // It is asked once: whoever opens the page later learns nothing of the room.
  const other = await Person.at(world, browser);
  await other.page.reload();
  await other.sees('A room for a few people.');
  expect([...ann.complaints, ...ben.complaints, ...other.complaints]).toEqual([]);
});

test('a server that goes away takes nobody with it, and lets people in again afterwards', async () => {
  const { ann, ben, code } = await pair(world, browser);
  await world.stopServer();
  await ann.sees('The server is out of reach');
  await ben.says('still here');
  await ann.sees('still here');
  await world.startServer();
  await ann.page.getByText('The server is out of reach').waitFor({ state: 'detached' });
  await ben.page.getByText('The server is out of reach').waitFor({ state: 'detached' });
  const cleo = await Person.at(world, browser, `/#${code}`);
  await cleo.comesIn('Cleo');
  await cleo.sees('3 people');
  await cleo.page.locator('aside .trust.verified').nth(1).waitFor();
  await ann.says('hello Cleo');
  await cleo.sees('hello Cleo');
});

test('what came stays when the room is gone, until the person leaves', async () => {
  // A browser of its own, whose disk is looked at.
  const own = await world.browser();
  const { ann, ben } = await pair(world, own);
  await ann.says('this is for you');
  await ann.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(FILE_BYTES, 1) });
  await ben.press('Take');
  await ben.sees('every byte checked');
  const field = ben.page.getByRole('textbox', { name: 'Message' });
  await field.fill('half an answ');
  await field.focus();
  await ann.press('Leave');
  await ann.press('Leave');
  await ben.sees('Only you');
  await world.stopServer();
  await world.startServer(OTHER_KEY);

  await ben.sees('This room is gone');
  await ben.sees('this is for you');
  await ben.sees('half an answ');
  expect(await ben.barriers()).toEqual([]);
  await ben.press('Leave');
  await ben.sees('1 file is here and not saved.');
  await ben.press('Stay');
  await ben.savesAside();
  await ben.press('Save');
  await ben.page.locator('.ended').getByText('Saved', { exact: true }).waitFor();
  expect((await ben.stored())['map.pdf']).toBe(FILE_BYTES);

  await ben.press('Try again');
  await ben.sees('There is no such room');
  await ben.press('To the start');
  await ben.sees('half an answ');
  expect(Object.keys(await ben.stored())).toEqual(['map.pdf']);
  // The browser says that the server was away, and has no such room.
  const expected = /Failed to load resource|WebSocket connection/;
  expect([...ann.complaints, ...ben.complaints].filter((it) => !expected.test(it))).toEqual([]);
});

test('a download of the browser does not count as saved', async () => {
  const { ann, ben } = await pair(world, browser);
  await ann.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(FILE_BYTES, 1) });
  await ben.press('Take');
  await ben.sees('every byte checked');
  await ben.savesByDownload();
  const begun = ben.page.waitForEvent('download');
  await ben.press('Save');
  expect((await begun).suggestedFilename()).toBe('map.pdf');
  await ben.sees("Given to the browser's downloads.");
  await ben.press('Leave');
  await ben.sees("1 file was given to the browser's downloads.");
  expect(await ben.barriers()).toEqual([]);
});

test('a folder is one download, with all that is in it', async () => {
  const { ann, ben } = await pair(world, browser);
  const folder = join(world.scratch(), 'holiday');
  mkdirSync(join(folder, 'beach'), { recursive: true });
  writeFileSync(join(folder, 'notes.txt'), 'sun');
  writeFileSync(join(folder, 'beach', 'größe.bin'), Buffer.alloc(FILE_BYTES, 7));
  await ann.page.bringToFront();
  await ann.page.locator('input[webkitdirectory]').setInputFiles(folder);
  await ben.press('Take');
  await ben.sees('every byte checked');
  await ben.savesByDownload();
  const begun = ben.page.waitForEvent('download');
  await ben.press('Save the folder');
  const download = await begun;
  expect(download.suggestedFilename()).toBe('holiday.zip');
  const files = unzipSync(readFileSync(await download.path()));
  const sizes = Object.entries(files).map(([path, bytes]) => [path, bytes.length]);
  expect(Object.fromEntries(sizes)).toEqual({ 'holiday/notes.txt': 3, 'holiday/beach/größe.bin': FILE_BYTES });
  await ben.sees("Given to the browser's downloads.");
});

test('a tab that is closed in the middle of a transfer is told of, on both sides', async () => {
  const { ann, ben, code } = await pair(world, browser);
  const path = join(world.scratch(), 'long.bin');
  writeFileSync(path, Buffer.alloc(300 * 1024 * 1024, 7));
  await ann.offers(path);
  await ben.press('Take');
  await ann.sees(/To Ben · [1-9]/);
  await ben.page.close();
  await ann.sees('They left before it was done.');
  const cleo = await Person.at(world, browser, `/#${code}`);
  await cleo.comesIn('Cleo');
  await cleo.press('Take');
  await ann.sees(/To Cleo · [1-9]/);
  await ann.page.close();
  await cleo.sees(/^Nobody here has the last/);
  await cleo.sees('Only you');
  expect(cleo.complaints).toEqual([]);
});

test('what came can be removed, and leaves the disk', async () => {
  const own = await world.browser();
  const { ann, ben } = await pair(world, own);
  await ann.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(FILE_BYTES, 1) });
  await ben.press('Take');
  await ben.sees('every byte checked');
  await ben.press('Remove');
  await ben.sees('Unless it is saved somewhere');
  await ben.press('Remove');
  await ben.sees('Removed from this device');
  await vi.waitFor(async () => expect(await ben.stored()).toEqual({}), PATIENCE_MS);
  expect([...ann.complaints, ...ben.complaints]).toEqual([]);
});

test('what a page that was killed has left is gone once Snug is opened', async () => {
  const own = await world.browser();
  const { ann, ben } = await pair(world, own);
  await ann.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(FILE_BYTES, 1) });
  await ben.press('Take');
  await ben.sees('every byte checked');
  const debug = await own.newCDPSession(ben.page);
  const crashed = ben.page.waitForEvent('crash');
  // Nobody is left to answer.
  void debug.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await Person.at(world, own);
  await vi.waitFor(async () => {
    await next.page.reload();
    expect(Object.values(await next.stored())).toEqual([]);
  }, PATIENCE_MS);
});

test('a page in the background hears what is said, and receives', async () => {
  const { ann, ben } = await pair(world, browser);
  const debug = await browser.newCDPSession(ann.page);
  // The driver would have every page believe that somebody looks at it.
  await debug.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await ben.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(20_000_000, 1) });
  await ann.press('Take');
  await ben.page.bringToFront();
  await ben.says('are you there?');
  await ben.sees('Ann has it');
  await ann.page.waitForFunction(() => document.title === '(1) Snug', undefined, { polling: 200 });
  // Some browsers stop pages altogether that nobody looks at.
  await debug.send('Page.setWebLifecycleState', { state: 'frozen' });
  await ben.says('are you asleep?');
  await debug.send('Page.setWebLifecycleState', { state: 'active' });
  await ann.page.bringToFront();
  await ann.sees('are you asleep?');
  await ann.page.waitForFunction(() => document.title === 'Snug', undefined, { polling: 200 });
  await ben.sees('Read by everyone');
});

test('what the list of people covers is not read', async () => {
  const { ann, ben } = await pair(world, browser);
  await ann.page.setViewportSize({ width: 360, height: 740 });
  await ann.press('People and code');
  await ben.says('did you see that?');
  await ann.page.bringToFront();
  await ann.page.waitForFunction(() => document.title === '(1) Snug', undefined, { polling: 200 });
  await ben.sees('Arrived at everyone');
  await ann.page.locator('aside').getByRole('button', { name: 'Hide people' }).click();
  await ben.sees('Read by everyone');
  // What was read stays so when its reader is gone.
  await ann.page.close();
  await ben.sees('Only you');
  await ben.sees('Read by everyone');
});

test('a device that slept looks for the others again, and finds them', async () => {
  const { ann, ben } = await pair(world, browser);
  const again = ann.page.waitForEvent('websocket');
  // All that a page knows of a sleep: its clock has jumped.
  await ann.page.evaluate(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 600_000;
  });
  await again;
  await ben.says('are you there again?');
  await ann.sees('are you there again?');
  await ann.says('I am');
  await ben.sees('I am');
  expect([ann.complaints, ben.complaints]).toEqual([[], []]);
});

test('what is shared with Snug waits for a room, and is offered there', async () => {
  const ann = await Person.at(world, browser);
  await ann.served();
  await ann.page.evaluate(share);
  await ann.sees('photo.txt');
  await ann.sees('and 1 more file');
  expect(ann.page.url()).toBe(`${world.server}/`);
  await ann.press('Open a room');
  await ann.inRoom();
  await ann.page.getByRole('article', { name: 'photo.txt' }).waitFor();
  await ann.page.getByRole('article', { name: 'notes.txt' }).waitFor();
  const field = ann.page.getByRole('textbox', { name: 'Message' });
  expect(await field.inputValue()).toBe('Look at https://a.example/');
  expect(ann.complaints).toEqual([]);
});

test('everything can be done without a pointer', async () => {
  const { ann, ben } = await pair(world, browser);
  await ann.page.bringToFront();
  await ann.page.keyboard.type('first **line**');
  await ann.page.keyboard.press('Shift+Enter');
  await ann.page.keyboard.type('second');
  await ann.page.keyboard.press('Enter');
  await ben.sees('second');
  await ben.says('an answer');
  await ann.sees('an answer');
  // Back from the composer to the newest message, and into what can be done with it.
  await tabTo(ann, 'What to do with this message', 'Shift+Tab');
  await ann.page.keyboard.press('Enter');
  await tabTo(ann, 'Reply', 'Tab');
  await ann.page.keyboard.press('Enter');
  await ann.page.keyboard.type('to that');
  await ann.page.keyboard.press('Enter');
  await ben.page.locator('blockquote', { hasText: 'an answer' }).waitFor();
  await tabTo(ann, 'Leave', 'Shift+Tab');
  await ann.page.keyboard.press('Enter');
  await ann.sees('Leave this room?');
  await ann.page.keyboard.press('Escape');
  await ann.page.getByText('Leave this room?').waitFor({ state: 'detached' });
  await ann.page.keyboard.press('Enter');
  await tabTo(ann, 'Leave', 'Tab');
  await ann.page.keyboard.press('Enter');
  await ann.sees('You left');
  await ben.sees('Ann left');
});

test('the focus stays where one was', async () => {
  const { ann, ben } = await pair(world, browser);
  await ann.says('hello');
  await ben.sees('hello');
  const toggle = ben.page.getByRole('button', { name: 'What to do with this message' });
  const bar = ben.page.getByRole('toolbar', { name: 'What to do with this message' });
  await ben.press('What to do with this message');
  await bar.waitFor();
  // Nobody wants it opened again by the tap that closes it.
  await ben.press('What to do with this message');
  await bar.waitFor({ state: 'detached' });
  await toggle.press('Enter');
  await ben.page.keyboard.press('Escape');
  await focusIs(ben, 'What to do with this message');
  await toggle.press('Enter');
  await ben.page.keyboard.press('Enter');
  await focusIs(ben, 'What to do with this message');
  await ben.page.getByRole('button', { name: '👍 from You' }).press('Enter');
  await ben.page.getByRole('button', { name: '👍 from You' }).waitFor({ state: 'detached' });
  await focusIs(ben, 'What to do with this message');
  await ann.page.bringToFront();
  await ann.page.getByRole('button', { name: 'What to do with this message' }).press('Enter');
  await ann.page.getByRole('button', { name: 'Take back' }).press('Enter');
  await ann.sees('taken back');
  await focusIs(ann, 'taken back');
  await ann.page.getByRole('button', { name: 'Change your name' }).press('Enter');
  await ann.page.keyboard.press('Enter');
  await focusIs(ann, 'Change your name');
  await ann.page.getByRole('button', { name: 'Offer files' }).press('Enter');
  await tabTo(ann, 'A folder', 'Tab');
  await ann.page.keyboard.press('Escape');
  await focusIs(ann, 'Offer files');
  await ann.offers({ name: 'map.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(3_000) });
  await ben.page.bringToFront();
  await ben.page.getByRole('button', { name: 'Take', exact: true }).press('Enter');
  await ben.sees('every byte checked');
  await focusIs(ben, 'map.pdf');
});

test('a server that is away is told of once, and what is old not at all', async () => {
  const { ann, code } = await pair(world, browser);
  const crowd = world.snug('join', code, '--name', 'Cleo');
  await ann.sees('3 people');
  for (let count = 1; count <= 160; count++) crowd.does({ do: 'say', text: `number ${count}` });
  await ann.sees('number 160');
  await ann.page.evaluate(() => {
    const log = document.querySelector('[role=log]')!;
    const watch = (): void => void (window.heard = log.getAttribute('aria-live')!);
    new MutationObserver(watch).observe(log, { childList: true });
  });
  await ann.press('Show earlier');
  await ann.page.getByText('number 1', { exact: true }).waitFor();
  expect(await ann.page.evaluate(() => window.heard)).toBe('off');
  await ann.page.locator('[role=log][aria-live=polite]').waitFor();

  await world.stopServer();
  await ann.sees('The server is out of reach');
  const changes = ann.page.evaluate(async () => {
    const banners = document.querySelector('.banners')!;
    const pace = banners.querySelector('[aria-hidden=true].pace')!;
    const seen: string[] = [];
    const silent = (node: Node): boolean =>
      (node instanceof Element ? node : node.parentElement)?.closest('[aria-hidden=true]') !== null;
    const observer = new MutationObserver((records) => {
      for (const { target } of records) if (!silent(target)) seen.push(target.textContent ?? '');
    });
    observer.observe(banners, { subtree: true, childList: true, characterData: true });
    for (let paces = 0; paces < 3; paces++) {
      await new Promise((changed) =>
        new MutationObserver(changed).observe(pace, { subtree: true, childList: true, characterData: true }),
      );
    }
    return seen;
  });
  expect(await changes).toEqual([]);
  await world.startServer();
});

test('where there are only fingers, whoever comes in hears the name of the room', async () => {
  const ann = await Person.at(world, browser);
  await ann.page.evaluate(() => {
    const { matchMedia } = window;
    window.matchMedia = (query) => matchMedia.call(window, query.replace('pointer: fine', 'pointer: none'));
  });
  const code = await ann.opens('Ann');
  await focusIs(ann, `Room ${code.slice(0, 6)}`);
});

/** Waits until something of that name, or that text, has the focus. */
async function focusIs(person: Person, name: string): Promise<void> {
  await person.page.waitForFunction(
    (name) => {
      const it = document.activeElement;
      return name === (it?.getAttribute('aria-label') ?? it?.textContent?.trim());
    },
    name,
    { polling: 100 },
  );
}

/** Goes on until something of that name has the focus. */
async function tabTo(person: Person, name: string, key: 'Tab' | 'Shift+Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await person.page.keyboard.press(key);
    const focused = await person.page.evaluate(() => {
      const it = document.activeElement;
      return it?.getAttribute('aria-label') ?? it?.textContent?.trim();
    });
    if (focused === name) return;
  }
  throw new Error(`${name} is not reached by ${key}`);
}

/** Does what the system does when people share files and a text. */
function share(): void {
  const form = document.createElement('form');
  Object.assign(form, { method: 'post', action: '/share', enctype: 'multipart/form-data' });
  for (const [name, value] of [['text', 'Look at https://a.example/'], ['url', 'https://a.example/']]) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
  const files = Object.assign(document.createElement('input'), { type: 'file', name: 'files', multiple: true });
  const picked = new DataTransfer();
  picked.items.add(new File(['one'], 'photo.txt', { type: 'text/plain' }));
  picked.items.add(new File(['two'], 'notes.txt', { type: 'text/plain' }));
  files.files = picked.files;
  form.append(files);
  document.body.append(form);
  form.submit();
}

declare global {
  interface Window {
    /** How loud the conversation was when something was added. */
    heard: string;
  }
}
