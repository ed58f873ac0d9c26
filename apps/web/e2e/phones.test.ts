// A page, a command line and a phone, as far as that is SnugKit, in one room. `scripts/swift page`
// has SnugKit built, and names a folder that it sees under the same path. What it does there is in
// ios/Tests/SnugKitTests/Integration/MeetingTests.swift.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type PageMember, sha256, type SnugMember, World } from './fixture';
import { noise } from './noise';

const meeting = process.env['SNUG_MEETING'];

const FILE_BYTES = 50 * 1024 * 1024;
/** What each gives the others, and the seed of its bytes. */
const SEEDS = { 'page.bin': 1, 'snug.bin': 3, 'phone.bin': 5 };
type Name = keyof typeof SEEDS;

test('a page, a command line and a phone give each other files', { timeout: 400_000 }, async ({ skip }) => {
  if (!meeting) {
    console.warn('NOT RUN, for it takes Swift: scripts/swift page');
    return skip();
  }
  const world = await World.start();
  onTestFinished(() => world.stop());
  const entry = { type: 'create', secrecy: 'words' } as const;
  const ann = await world.member(await world.browser(), { entry, nickname: 'Ann' });
  const { code } = await ann.until('room');
  const bob = world.snug('join', code, '--name', 'Bob');

  writeFileSync(join(meeting, 'phone.bin'), bytes('phone.bin'));
  writeFileSync(join(meeting, 'invitation.json'), JSON.stringify({ server: world.server, code }));
  await Promise.all([world.phone(), together(ann, bob, world.scratch())]);

  for (const name of ['page.bin', 'snug.bin'] as const) {
    expect(sha256(readFileSync(join(meeting, 'inbox', name))), name).toBe(sha256(bytes(name)));
  }
  const { peer } = await ann.until('profile', { nickname: 'Cy' });
  await ann.until('peer-left', { peer, goodbye: true });
  expect(ann.complaints).toEqual([]);
});

/** What the page and the command line do, once all three are there. */
async function together(ann: PageMember, bob: SnugMember, folder: string): Promise<void> {
  for (const nickname of ['Bob', 'Cy']) {
    const { peer } = await ann.until('profile', { nickname });
    await ann.until('link', { peer, status: { type: 'connected', verified: true, path: 'direct' } });
  }
  for (const name of ['Ann', 'Cy']) {
    const { peer } = await bob.until('profile', { name });
    await bob.until('link', { peer, status: 'connected', verified: true, path: 'direct' });
  }
  await ann.say('from the page');
  bob.does({ do: 'say', text: 'from the command line' });
  await ann.offerNoise('page.bin', FILE_BYTES, SEEDS['page.bin']);
  const path = join(folder, 'snug.bin');
  writeFileSync(path, bytes('snug.bin'));
  bob.does({ do: 'send', path });

  await ann.until('message', { text: 'from the command line', mine: false });
  await ann.until('message', { text: 'from the phone', mine: false });
  await bob.until('message', { text: 'from the page' });
  await bob.until('message', { text: 'from the phone' });
  await Promise.all([
    pageTakes(ann, 'snug.bin'),
    pageTakes(ann, 'phone.bin'),
    snugTakes(bob, 'page.bin', folder),
    snugTakes(bob, 'phone.bin', folder),
  ]);
}

async function pageTakes(ann: PageMember, name: Name): Promise<void> {
  const { transfer } = await ann.until('offered', { name });
  await ann.accept(transfer);
  await ann.until('received', { transfer });
  expect(await ann.digest(transfer), name).toEqual({ size: FILE_BYTES, sha256: sha256(bytes(name)) });
}

async function snugTakes(bob: SnugMember, name: Name, folder: string): Promise<void> {
  const { transfer } = await bob.until('offered', { name });
  bob.does({ do: 'accept', transfer, save: folder });
  await bob.until('received', { transfer });
  expect(sha256(readFileSync(join(folder, name))), name).toBe(sha256(bytes(name)));
}

function bytes(name: Name): Uint8Array {
  return noise(FILE_BYTES, SEEDS[name]);
}
