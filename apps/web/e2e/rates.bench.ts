// How fast files go between pages, and between a page and `snug`, beside a bare data channel.
// `scripts/web rates` runs it; RATES_MIB (200) is the size, RATES_ROUNDS (3) how often.

import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { type PageMember, type SnugMember, World } from './fixture';

const BYTES = Number(process.env['RATES_MIB'] ?? 200) * 1024 * 1024;
const ROUNDS = Number(process.env['RATES_ROUNDS'] ?? 3);

test('rates', { timeout: 600_000 }, async () => {
  const world = await World.start();
  const rates = new Map<string, number[]>();
  const note = (what: string, rate: number): void => {
    rates.set(what, [...(rates.get(what) ?? []), rate]);
    console.log(`${what}: ${(rate / 1e6).toFixed(1)} MB/s`);
  };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      note('bare page to page', await bare(world));
      note('page to page', await between(world));
      const [up, down] = await withSnug(world, round);
      note('page to snug', up);
      note('snug to page', down);
    }
    for (const [what, all] of rates) {
      const median = all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
      console.log(`median of ${all.length}, ${what}: ${(median / 1e6).toFixed(1)} MB/s`);
    }
  } finally {
    await world.stop();
  }
});

/** Two browsers, one channel. */
async function bare(world: World): Promise<number> {
  const [sender, receiver] = await Promise.all(
    [0, 1].map(async () => {
      const browser = await world.browser();
      const page = await browser.newPage();
      await page.goto(`${world.page}/e2e/bare.html`);
      await page.waitForFunction(() => 'bare' in window);
      return { browser, page };
    }),
  );
  const offer = await sender!.page.evaluate(() => window.bare.offer());
  const answer = await receiver!.page.evaluate((sdp) => window.bare.answer(sdp), offer);
  await sender!.page.evaluate((sdp) => window.bare.accept(sdp), answer);
  const received = receiver!.page.evaluate((bytes) => window.bare.receive(bytes), BYTES);
  await sender!.page.evaluate((bytes) => window.bare.send(bytes), BYTES);
  const rate = await received;
  await Promise.all([sender!.browser.close(), receiver!.browser.close()]);
  return rate;
}

async function between(world: World): Promise<number> {
  const [one, other] = await Promise.all([world.browser(), world.browser()]);
  const { ann, code } = await create(world, one!);
  const entry = { type: 'join', code } as const;
  const ben = await world.member(other!, { entry, nickname: 'Ben' });
  await ben.connected();
  const rate = await take(ben, await ann.offerNoise('noise.bin', BYTES, 1));
  await Promise.all([one!.close(), other!.close()]);
  return rate;
}

async function withSnug(world: World, round: number): Promise<[number, number]> {
  const browser = await world.browser();
  const { ann, code } = await create(world, browser);
  const folder = world.scratch();
  const bob = world.snug('join', code);
  await bob.until('link', { status: 'connected' });
  const transfer = await ann.offerNoise(`noise-${round}.bin`, BYTES, 2 + round);
  const up = await give(bob, transfer, folder);
  const path = join(folder, 'zeros.bin');
  writeFileSync(path, '');
  truncateSync(path, BYTES);
  bob.does({ do: 'send', path });
  const offered = await ann.until('offered', { name: 'zeros.bin' });
  const down = await take(ann, offered.transfer);
  bob.does({ do: 'leave' });
  await browser.close();
  return [up, down];
}

async function create(
  world: World,
  browser: Awaited<ReturnType<World['browser']>>,
): Promise<{ ann: PageMember; code: string }> {
  const entry = { type: 'create', secrecy: 'words' } as const;
  const ann = await world.member(browser, { entry, nickname: 'Ann' });
  return { ann, code: (await ann.until('room')).code };
}

/** A page takes a transfer: bytes a second. */
async function take(member: PageMember, transfer: string): Promise<number> {
  await member.until('offered', { transfer });
  const began = performance.now();
  await member.accept(transfer);
  await member.until('received', { transfer });
  return (BYTES / (performance.now() - began)) * 1000;
}

/** `snug` takes a transfer: bytes a second. */
async function give(member: SnugMember, transfer: string, folder: string): Promise<number> {
  const offered = await member.until('offered', { transfer });
  const began = performance.now();
  member.does({ do: 'accept', transfer, save: folder });
  await member.until('received', { transfer });
  const rate = (BYTES / (performance.now() - began)) * 1000;
  const { size } = statSync(join(folder, String(offered['name'])));
  if (size !== BYTES) throw new Error(`${size} bytes arrived`);
  return rate;
}
