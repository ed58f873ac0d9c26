// What the tests need: a server, pages in a real browser, `snug` processes, a phone.

import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import type { RoomEvent, RoomOptions } from '../src/engine/room';

/** Where the programs are; `scripts/web e2e` says. */
const programs = process.env['SNUG_BIN'] ?? '../../target/debug';

/** Everything that a test starts; `stop` ends it. */
export class World {
  readonly #stops: Array<() => Promise<unknown>> = [];
  /** The address of the server, which hands out the page. */
  server = '';
  /** The origins that the browsers asked anything of. */
  readonly asked = new Set<string>();
  #serving: ChildProcess | undefined;
  #bench: Promise<string> | undefined;

  static async start(): Promise<World> {
    const world = new World();
    const port = await freePort();
    world.server = `http://127.0.0.1:${port}`;
    await world.startServer();
    return world;
  }

  /** A browser of its own, on a fresh profile. */
  async browser(profile = this.scratch()): Promise<BrowserContext> {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      headless: true,
      args: FLAGS,
      // What is in the background is slowed down as it is for people.
      ignoreDefaultArgs: UNHURRIED,
    });
    const note = (url: string): unknown => this.asked.add(new URL(url).origin.replace(/^ws/, 'http'));
    context.on('request', (request) => note(request.url()));
    context.on('page', (page) => page.on('websocket', (socket) => note(socket.url())));
    this.#stops.push(() => context.close());
    return context;
  }

  /** A folder that is gone afterwards. */
  scratch(): string {
    const folder = mkdtempSync(join(tmpdir(), 'snug-e2e-'));
    this.#stops.unshift(async () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  /** A page that takes part without showing anything. */
  async member(context: BrowserContext, options: Omit<RoomOptions, 'listen'>): Promise<PageMember> {
    const page = await context.newPage();
    const member = new PageMember(page);
    await page.goto(await this.bench('member.html'));
    await page.waitForFunction(() => 'member' in window);
    await page.evaluate((options) => window.member.open(options), options);
    return member;
  }

  /** A `snug` process that speaks JSON. */
  snug(...args: string[]): SnugMember {
    const child = this.#spawn('snug', [...args, '--json', '--server', this.server]);
    return new SnugMember(child);
  }

  /** SnugKit, in a room that it is invited to: until it has done its part. */
  async phone(): Promise<void> {
    const flags = ['test', '--skip-build', '--filter', 'MeetingTests'];
    // In a group of its own: a script that is killed would leave behind what it runs.
    const options: SpawnOptions = { stdio: ['ignore', 'inherit', 'inherit'], detached: true };
    const child = spawn('../../scripts/swift', flags, options);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    this.#stops.push(async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
      await ended;
    });
    if ((await ended) !== 0) throw new Error('the phone failed; it says why above');
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop().catch(() => undefined);
  }

  /** Starts the server, at the address that it had; with another key it knows nobody of before. */
  async startServer(key = KEY): Promise<void> {
    const flags = ['--listen', new URL(this.server).host, '--key', key];
    this.#serving = this.#spawn('snug-server', flags);
    await until(async () => (await fetch(`${this.server}/health`)).ok);
  }

  /** Kills the server, as a machine does that goes down. */
  async stopServer(): Promise<void> {
    const ended = new Promise((resolve) => this.#serving!.once('exit', resolve));
    this.#serving!.kill('SIGKILL');
    await ended;
  }

  /** The address of a page that is only for tests, which no server of ours hands out. */
  async bench(name: string): Promise<string> {
    this.#bench ??= this.#serveBench();
    return `${await this.#bench}/e2e/${name}`;
  }

  async #serveBench(): Promise<string> {
    process.env['SNUG_SERVER'] = this.server;
    const vite: ViteDevServer = await createServer({ server: { port: await freePort() }, logLevel: 'error' });
    await vite.listen();
    this.#stops.push(() => vite.close());
    return vite.resolvedUrls!.local[0]!.replace(/\/$/, '');
  }

  #spawn(program: string, args: string[]): ChildProcess {
    const child = spawn(join(programs, program), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    this.#stops.push(async () => (child.kill(), ended));
    return child;
  }
}

/** A room in a page. */
export class PageMember {
  readonly page: Page;
  /** What the page complained about. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** Waits for an event of that kind that has these fields. */
  async until<T extends RoomEvent['type']>(
    type: T,
    fields: Record<string, unknown> = {},
  ): Promise<Extract<RoomEvent, { type: T }>> {
    const wanted = { type, ...fields };
    const find = (wanted: Record<string, unknown>): RoomEvent | false => {
      const matches = (it: unknown, wanted: unknown): boolean =>
        typeof wanted === 'object' && wanted !== null
          ? typeof it === 'object' &&
            it !== null &&
            Object.entries(wanted).every(([key, value]) => matches(it[key as keyof typeof it], value))
          : it === wanted;
      return window.member.events.find((event) => matches(event, wanted)) ?? false;
    };
    try {
      const found = await this.page.waitForFunction(find, wanted, {
        timeout: PATIENCE_MS,
        // Not with every frame, which would have to be drawn.
        polling: 100,
      });
      return (await found.jsonValue()) as Extract<RoomEvent, { type: T }>;
    } catch (error) {
      const events = await this.page.evaluate(() => window.member.events);
      console.error(JSON.stringify(events, undefined, 1), this.complaints);
      throw error;
    }
  }

  connected(): Promise<RoomEvent> {
    return this.until('link', { status: { type: 'connected' } });
  }

  say(text: string): Promise<void> {
    return this.page.evaluate((text) => window.member.room!.say(text), text);
  }

  offerNoise(name: string, size: number, seed: number): Promise<string> {
    const noise = { name, size, seed };
    return this.page.evaluate(
      ({ name, size, seed }) => window.member.offerNoise(name, size, seed),
      noise,
    );
  }

  accept(transfer: string): Promise<void> {
    return this.page.evaluate((transfer) => window.member.room!.accept(transfer), transfer);
  }

  digest(transfer: string): Promise<{ size: number; sha256: string }> {
    return this.page.evaluate((transfer) => window.member.digest(transfer), transfer);
  }
}

/** One line of `snug --json`. */
export type Line = { event: string } & Record<string, unknown>;

/** A `snug` process. */
export class SnugMember {
  readonly #child: ChildProcess;
  readonly told: Line[] = [];
  #wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Line);
      this.#wake();
    });
  }

  does(command: Record<string, unknown>): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** Waits for a line of that kind that has these fields. */
  async until(event: string, fields: Record<string, unknown> = {}): Promise<Line> {
    const wanted = Object.entries({ event, ...fields });
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.told.find((line) => wanted.every(([key, value]) => line[key] === value));
      if (found) return found;
      const left = deadline - Date.now();
      if (left < 0) throw new Error(`no ${event}: ${JSON.stringify(this.told, undefined, 1)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, Math.min(left, 1_000));
      });
    }
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((listening) => socket.listen(0, '127.0.0.1', listening));
  const address = socket.address();
  await new Promise((closed) => socket.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server does not start');
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What the driver of the browser would have it do, and people's browsers do not. */
const UNHURRIED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** Of the server, which seats people again by it after a restart. */
const KEY = '5a'.repeat(32);

/** Of a server that knows none of those people. */
export const OTHER_KEY = 'a5'.repeat(32);

/** How long anything may take. Far more than it does on a busy machine. */
export const PATIENCE_MS = 100_000;
