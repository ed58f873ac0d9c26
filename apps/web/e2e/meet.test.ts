// Pages and `snug` processes meet, talk, and give each other files.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PATIENCE_MS, type PageMember, sha256, World } from './fixture';
import { noise } from './noise';

let world: World;
let browser: BrowserContext;

beforeAll(async () => {
  world = await World.start();
  browser = await world.browser();
});
afterAll(() => world.stop());

const FILE_BYTES = 50 * 1024 * 1024;

/** Someone who opens a room in a page, and its code. */
async function create(into = browser): Promise<{ ann: PageMember; code: string }> {
  const entry = { type: 'create', secrecy: 'words' } as const;
  const ann = await world.member(into, { entry, nickname: 'Ann' });
  const { code } = await ann.until('room');
  return { ann, code };
}

function enter(code: string, nickname: string, into = browser): Promise<PageMember> {
  return world.member(into, { entry: { type: 'join', code }, nickname });
}

test('two pages meet, are sure of each other, and talk', async () => {
  const { ann, code } = await create();
  const ben = await enter(code, 'Ben');
  const verified = { status: { type: 'connected', verified: true, path: 'direct' } };
  await Promise.all([ann.until('link', verified), ben.until('link', verified)]);
  const [atAnn, atBen] = await Promise.all([ann.until('check'), ben.until('check')]);
  expect(atAnn.emoji).toEqual(atBen.emoji);
  await ann.until('profile', { nickname: 'Ben' });
  await ann.say('hello Ben');
  await ben.say('hello Ann');
  const heard = await ben.until('message', { text: 'hello Ben' });
  expect(heard.mine).toBe(false);
  await ann.until('message', { text: 'hello Ann', mine: false });
  expect([...ann.complaints, ...ben.complaints]).toEqual([]);
});

test('wrong words are refused', async () => {
  const { ann, code } = await create();
  const wrong = `${code.slice(0, 6)}-acid-acid-acid-acid`;
  const eve = await enter(wrong, 'Eve');
  await eve.until('ended', { reason: 'kept-out', refusal: 'wrong-words' });
  await ann.until('guesses', { wrong: 1 });
});

test('a page gives a page a file, byte for byte', async () => {
  const { ann, code } = await create();
  const ben = await enter(code, 'Ben');
  await ben.connected();
  const transfer = await ann.offerNoise('noise.bin', FILE_BYTES, 1);
  const offered = await ben.until('offered', { transfer });
  expect(offered).toMatchObject({ name: 'noise.bin', size: FILE_BYTES, single: true });
  await ben.accept(transfer);
  await ben.until('received', { transfer });
  await ann.until('delivered', { transfer });
  expect(await ben.digest(transfer)).toEqual({ size: FILE_BYTES, sha256: sha256(noise(FILE_BYTES, 1)) });
});

test('a page and the command line talk, and give each other files', async () => {
  const { ann, code } = await create();
  const folder = world.scratch();
  const bob = world.snug('join', code, '--name', 'Bob');
  await bob.until('link', { status: 'connected', verified: true });
  await ann.until('link', { status: { type: 'connected', verified: true, path: 'direct' } });
  await ann.say('hello Bob');
  await bob.until('message', { text: 'hello Bob' });
  bob.does({ do: 'say', text: 'hello Ann' });
  await ann.until('message', { text: 'hello Ann' });

  const toBob = await ann.offerNoise('page.bin', FILE_BYTES, 2);
  await bob.until('offered', { transfer: toBob });
  bob.does({ do: 'accept', transfer: toBob, save: folder });
  await bob.until('received', { transfer: toBob });
  expect(sha256(readFileSync(join(folder, 'page.bin')))).toBe(sha256(noise(FILE_BYTES, 2)));

  const path = join(folder, 'snug.bin');
  writeFileSync(path, noise(FILE_BYTES, 3));
  bob.does({ do: 'send', path });
  const offered = await ann.until('offered', { name: 'snug.bin' });
  await ann.accept(offered.transfer);
  await ann.until('received', { transfer: offered.transfer });
  expect(await ann.digest(offered.transfer)).toEqual({
    size: FILE_BYTES,
    sha256: sha256(noise(FILE_BYTES, 3)),
  });
  expect(ann.complaints).toEqual([]);
});

test('nothing is left on the disk when a room is left, or a page is closed', async () => {
  const { ann, code } = await create();
  // Large enough not to be kept in memory.
  const transfer = await ann.offerNoise('noise.bin', 8 * 1024 * 1024, 4);
  const another = await world.browser();
  const take = async (): Promise<PageMember> => {
    const ben = await enter(code, 'Ben', another);
    await ben.until('offered', { transfer });
    await ben.accept(transfer);
    await ben.until('received', { transfer });
    expect(await kept(ben)).toHaveLength(1);
    return ben;
  };
  const ben = await take();
  await ben.page.evaluate(() => window.member.room!.leave());
  expect(await kept(ben)).toEqual([]);
  await ann.until('peer-left', { goodbye: true });
  // What a page that was closed has left is deleted when the next one begins.
  const closed = await take();
  await closed.page.close();
  await take();
});

/** The files on the disk of a browser. */
function kept(member: PageMember): Promise<string[]> {
  return member.page.evaluate(async () => {
    const names: string[] = [];
    const root = await navigator.storage.getDirectory();
    for await (const [name, it] of root.entries()) {
      for await (const file of (it as FileSystemDirectoryHandle).keys()) names.push(`${name}/${file}`);
    }
    return names;
  });
}

test('an interrupted connection goes on, although its peer knows one section of two', async () => {
  // A browser of its own, in which the connections can be looked at.
  const own = await world.browser();
  await own.addInitScript(watchConnections);
  const { ann, code } = await create(own);
  const bob = world.snug('join', code, '--name', 'Bob');
  const ben = await enter(code, 'Ben');
  for (const nickname of ['Bob', 'Ben']) await ann.until('profile', { nickname });
  await Promise.all([ben.connected(), bob.until('link', { status: 'connected' })]);
  await eventually(async () => {
    expect((await connections(ann)).map(({ sections }) => sections)).toEqual([2, 2]);
  });
  const before = await connections(ann);
  await ann.page.evaluate(interrupt);
  await eventually(async () => {
    const after = await connections(ann);
    expect(after.map(({ state }) => state)).toEqual(['connected', 'connected']);
    const ends = (all: typeof after): string[] => all.flatMap(({ local, remote }) => [local, remote]);
    expect(ends(after).filter((end) => ends(before).includes(end))).toEqual([]);
  });
  await ann.say('still here?');
  await ben.until('message', { text: 'still here?' });
  await bob.until('message', { text: 'still here?' });
  bob.does({ do: 'say', text: 'still here' });
  await ann.until('message', { text: 'still here' });
  const numbers = async (): Promise<number[]> => (await connections(ann)).map(({ number }) => number);
  expect(await numbers(), 'the same connections').toEqual(before.map(({ number }) => number));
  expect([...ann.complaints, ...ben.complaints]).toEqual([]);
});

/** What a page that is told to keep its connections has in `window`. */
interface Watched {
  connections: RTCPeerConnection[];
}

function watchConnections(): void {
  const connections: RTCPeerConnection[] = [];
  Object.assign(window, { connections } satisfies Watched);
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
}

/** Has the page believe that nothing comes any more, until it has agreed on something new. */
function interrupt(): void {
  for (const connection of (window as unknown as Watched).connections) {
    const look = (): unknown => connection.dispatchEvent(new Event('connectionstatechange'));
    Object.defineProperty(connection, 'connectionState', { configurable: true, get: () => 'disconnected' });
    look();
    delete (connection as { connectionState?: unknown }).connectionState;
    connection.onsignalingstatechange = () => connection.signalingState === 'stable' && look();
  }
}

/** A connection of a page that is not closed. */
interface Connection {
  /** How many there were before it. */
  number: number;
  state: string;
  /** The names of its ends in this round of ICE. */
  local: string;
  remote: string;
  /** Sections of its description. */
  sections: number;
}

function connections({ page }: PageMember): Promise<Connection[]> {
  return page.evaluate(() => {
    const { connections } = window as unknown as Watched;
    const ufrag = (it: RTCSessionDescription | null): string =>
      /a=ice-ufrag:(\S+)/.exec(it?.sdp ?? '')?.[1] ?? '';
    const all = connections.map((it, number) => ({
      number,
      state: it.connectionState,
      local: ufrag(it.localDescription),
      remote: ufrag(it.remoteDescription),
      sections: it.localDescription?.sdp.split('\nm=').slice(1).length ?? 0,
    }));
    return all.filter(({ state }) => state !== 'closed');
  });
}

function eventually(holds: () => Promise<void>): Promise<void> {
  return vi.waitFor(holds, PATIENCE_MS);
}
