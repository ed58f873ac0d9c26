// How fast files go between pages, and between a page and `snug`, beside a bare data channel; how
// soon the page is there, and somebody in a room; how much memory a large file takes on its way to
// the disk. `scripts/bench web` runs it.

import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterEach, beforeEach, test } from 'vitest';
import { type PageMember, type SnugMember, World } from './fixture';
import { memoryOf } from './memory';
import { Person } from './page';
import { processors } from './processors';

/** Mebibytes of a file, and how often each thing is measured. */
const BYTES = Number(process.env['BENCH_MIB'] ?? 200) * 1024 * 1024;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Of the file that is received to the disk. */
const LARGE_BYTES = Number(process.env['BENCH_LARGE_MIB'] ?? 1024) * 1024 * 1024;

let world: World;

beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world.stop());

test('rates', { timeout: 900_000 }, async () => {
  const rates = new Figures('MB/s', 1e6);
  const costs = new Figures('ms of processors for a MiB', 1);
  const idle = new Figures('% of the processors idle', 1);
  const ratios = new Figures('times the bare data channel', 1);
  for (let round = 0; round < ROUNDS; round++) {
    // Machines change within minutes: each round begins and ends with what it is compared with.
    const before = await bare(world);
    const ours = new Map([['page to page', await between(world)]]);
    const [up, down] = await withSnug(world, round);
    ours.set('page to snug', up).set('snug to page', down);
    const after = await bare(world);
    const reference = (before.rate + after.rate) / 2;
    for (const [what, { rate }] of ours) ratios.note(what, rate / reference);
    for (const [what, copy] of [['bare', before], ['bare', after], ...ours] as const) {
      rates.note(what, copy.rate);
      costs.note(what, copy.cost);
      idle.note(what, copy.idle * 100);
    }
  }
  for (const figures of [rates, costs, idle, ratios]) figures.tell();
});

test('opening', { timeout: 600_000 }, async () => {
  const times = new Figures('ms', 1);
  for (let round = 0; round < 2 * ROUNDS + 1; round++) {
    const [one, other] = await Promise.all([world.browser(), world.browser()]);
    const ann = await Person.at(world, one!);
    const code = await ann.opens('Ann');
    const ben = await Person.at(world, other!, `/#${code}`);
    times.note('first paint, nothing cached', await firstPaint(ben));
    const joined = await comeIn(ben);
    times.note('from the tap to the room', joined.room);
    times.note('from the tap to a verified link', joined.verified);
    await Promise.all([one!.close(), other!.close()]);
  }
  times.tell();
});

test('memory', { timeout: 600_000 }, async () => {
  const profile = world.scratch();
  const ann = await Person.at(world, await world.browser(profile));
  const bob = world.snug('join', await ann.opens('Ann'));
  await bob.until('link', { status: 'connected' });
  const path = join(world.scratch(), 'large.bin');
  writeFileSync(path, '');
  truncateSync(path, LARGE_BYTES);
  bob.does({ do: 'send', path });
  await ann.sees('large.bin');
  const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  const before = memoryOf(profile);
  console.log(`before: the page ${mib(before.page)}, the browser ${mib(before.all)}`);
  await ann.press('Take');
  const whole = ann.sees('every byte checked').then(() => true);
  const samples = [before];
  while (!(await Promise.race([whole, pause(500)]))) samples.push(memoryOf(profile));
  const quarters = [0.25, 0.5, 0.75, 1].map((part) => samples[Math.floor((samples.length - 1) * part)]!);
  for (const [at, { page, all }] of quarters.entries()) {
    console.log(`after ${at + 1} quarters of the time: the page ${mib(page)}, the browser ${mib(all)}`);
  }
  const most = Math.max(...samples.map(({ page }) => page));
  console.log(`the page at most: ${mib(most)}, for ${mib(LARGE_BYTES)}`);
});

/** What was measured, several times. */
class Figures {
  readonly #all = new Map<string, number[]>();
  readonly #unit: string;
  readonly #scale: number;

  constructor(unit: string, scale: number) {
    this.#unit = unit;
    this.#scale = scale;
  }

  note(what: string, figure: number): void {
    this.#all.set(what, [...(this.#all.get(what) ?? []), figure / this.#scale]);
    console.log(`${what}: ${(figure / this.#scale).toFixed(2)} ${this.#unit}`);
  }

  tell(): void {
    for (const [what, all] of this.#all) {
      const median = all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
      console.log(`median of ${all.length}, ${what}: ${median.toFixed(2)} ${this.#unit}`);
    }
  }
}

/** Milliseconds from the request to the first thing that is drawn. */
function firstPaint({ page }: Person): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          for (const { startTime } of list.getEntriesByName('first-contentful-paint')) resolve(startTime);
        });
        observer.observe({ type: 'paint', buffered: true });
      }),
  );
}

/** Comes in, and measures that inside the page: milliseconds. */
async function comeIn({ page }: Person): Promise<{ room: number; verified: number }> {
  return page.evaluate(async () => {
    const seen = (selector: string): Promise<number> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!document.querySelector(selector)) return;
          observer.disconnect();
          resolve(performance.now());
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true });
      });
    const times = Promise.all([seen('.composer'), seen('aside .trust.verified')]);
    const tapped = performance.now();
    document.querySelector<HTMLElement>('form .filled')!.click();
    const [room, verified] = await times;
    return { room: room - tapped, verified: verified - tapped };
  });
}

function pause(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms));
}

/** What copying `BYTES` took. */
interface Copy {
  /** Bytes a second. */
  rate: number;
  /** Milliseconds of the machine's processors for a mebibyte. */
  cost: number;
  /** The part of the processors that nobody used, of one. */
  idle: number;
}

async function timed(copy: () => Promise<unknown>): Promise<Copy> {
  const [before, began] = [processors(), performance.now()];
  await copy();
  const [after, ended] = [processors(), performance.now()];
  const [busy, idle] = [after.busy - before.busy, after.idle - before.idle];
  return {
    rate: (BYTES / (ended - began)) * 1000,
    cost: busy / (BYTES / 2 ** 20),
    idle: idle / (busy + idle + after.stolen - before.stolen),
  };
}

/** Two browsers, one channel. */
async function bare(world: World): Promise<Copy> {
  const [sender, receiver] = await Promise.all(
    [0, 1].map(async () => {
      const browser = await world.browser();
      const page = await browser.newPage();
      await page.goto(await world.bench('bare.html'));
      await page.waitForFunction(() => 'bare' in window);
      return { browser, page };
    }),
  );
  const offer = await sender!.page.evaluate(() => window.bare.offer());
  const answer = await receiver!.page.evaluate((sdp) => window.bare.answer(sdp), offer);
  await sender!.page.evaluate((sdp) => window.bare.accept(sdp), answer);
  const copy = await timed(async () => {
    const received = receiver!.page.evaluate((bytes) => window.bare.receive(bytes), BYTES);
    await sender!.page.evaluate((bytes) => window.bare.send(bytes), BYTES);
    await received;
  });
  await Promise.all([sender!.browser.close(), receiver!.browser.close()]);
  return copy;
}

async function between(world: World): Promise<Copy> {
  const [one, other] = await Promise.all([world.browser(), world.browser()]);
  const { ann, code } = await create(world, one!);
  const entry = { type: 'join', code } as const;
  const ben = await world.member(other!, { entry, nickname: 'Ben' });
  await ben.connected();
  const copy = await take(ben, await ann.offerNoise('noise.bin', BYTES, 1));
  await Promise.all([one!.close(), other!.close()]);
  return copy;
}

async function withSnug(world: World, round: number): Promise<[Copy, Copy]> {
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
  browser: BrowserContext,
): Promise<{ ann: PageMember; code: string }> {
  const entry = { type: 'create', secrecy: 'words' } as const;
  const ann = await world.member(browser, { entry, nickname: 'Ann' });
  return { ann, code: (await ann.until('room')).code };
}

/** A page takes a transfer. */
async function take(member: PageMember, transfer: string): Promise<Copy> {
  await member.until('offered', { transfer });
  return timed(async () => {
    await member.accept(transfer);
    await member.until('received', { transfer });
  });
}

/** `snug` takes a transfer. */
async function give(member: SnugMember, transfer: string, folder: string): Promise<Copy> {
  const offered = await member.until('offered', { transfer });
  const copy = await timed(async () => {
    member.does({ do: 'accept', transfer, save: folder });
    await member.until('received', { transfer });
  });
  const { size } = statSync(join(folder, String(offered['name'])));
  if (size !== BYTES) throw new Error(`${size} bytes arrived`);
  return copy;
}
