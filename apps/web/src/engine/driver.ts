// Drives an engine: hands in what happens, does what it wants, wakes it when it asks to be woken.
//
//   room ── commands ──┐              ┌──► signaling ──► server
//   server ─ reports ──┤              ├──► links ──────► peers
//   peers ── reports ──┼──► engine ───┤
//   files ── reports ──┤              ├──► store ──────► files
//   clock ─────────────┘              └──► listener

import type { Clock } from './clock';
import { startClock } from './clock';
import { Links } from './links';
import type { Command, Config, Engine, Input, Module, Output, Said, TransferId } from './module';
import { load } from './module';
import type { HashedOffer } from './offer';
import { Reads } from './reads';
import type { NoRoom, ReceivedFile, RoomEvent } from './room';
import { Signaling } from './signaling';
import { Store } from './store';

export interface DriverOptions {
  config: Config;
  server: string;
  listen: (event: RoomEvent) => void;
}

/** Something that the engine is told, with the time. */
type Step = (now: number) => void;

export class Driver {
  readonly #module: Module;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #signaling: Signaling;
  readonly #links: Links;
  readonly #store = new Store();
  readonly #reads = new Reads();
  readonly #listen: (event: RoomEvent) => void;
  /** What came while the engine was being drained. */
  readonly #waiting: Step[] = [];
  #draining = false;
  /** Once it is gone the engine is never called again. */
  #state: 'running' | 'ended' | 'gone' = 'running';
  #parted: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  readonly #left = new AbortController();

  static async start(options: DriverOptions): Promise<Driver> {
    const module = await load();
    const engine = new module.Engine(options.config);
    const driver = new Driver(module, engine, options);
    driver.#watchSurroundings();
    driver.#act(() => undefined);
    return driver;
  }

  private constructor(module: Module, engine: Engine, options: DriverOptions) {
    const report = (input: Input): void => this.handle(input);
    this.#module = module;
    this.#engine = engine;
    this.#listen = options.listen;
    this.#clock = startClock();
    this.#signaling = new Signaling(options.server, report, {
      readIceServers: (body) => this.#engine.iceServers(body),
      setIceServers: (servers) => this.#links.setIceServers(servers),
    });
    this.#links = new Links(report, {
      control: (link, frame) => this.#act((now) => this.#engine.control(link, frame, now)),
      bulk: (link, frame) => this.#act((now) => this.#engine.bulk(link, frame, now)),
    });
    this.#store.listen(report, (transfer, piece, link, bytes) =>
      this.#act((now) => this.#engine.pieceRead(transfer, piece, link, bytes, now)),
    );
  }

  /** Hands in something that happened. After the end it does nothing. */
  handle(input: Input): void {
    this.#act((now) => this.#engine.handle(input, now));
  }

  command(command: Command): void {
    this.handle({ type: 'command', command });
  }

  messages(): Said[] {
    return this.#state === 'gone' ? [] : this.#engine.messages();
  }

  /** Offers what was hashed. Throws what the engine has against it. */
  offer(hashed: HashedOffer): TransferId {
    let transfer: TransferId | undefined;
    this.#act((now) => {
      transfer = this.#engine.offer(hashed.packed, now);
      // Nobody asks for it before the engine is drained.
      this.#store.addSource(transfer, hashed.bytes);
    });
    if (transfer === undefined) throw new Error('not in the room any more');
    return transfer;
  }

  read(transfer: TransferId, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (this.#state !== 'running') return Promise.reject(new Error('not in the room any more'));
    return this.#reads.start(
      (id) => this.handle({ type: 'read', read: id, transfer, start, end }),
      (id) => this.handle({ type: 'forget-read', read: id }),
      signal,
    );
  }

  files(transfer: TransferId): ReceivedFile[] {
    return this.#store.files(transfer);
  }

  noRoom(transfer: TransferId): NoRoom | undefined {
    return this.#store.noRoom(transfer);
  }

  discard(transfer: TransferId): void {
    this.#store.drop(transfer);
  }

  leave(): Promise<void> {
    this.command({ type: 'leave' });
    return this.#close();
  }

  /**
   * Lets the engine act, then does all that it wants. What comes meanwhile waits for its turn.
   * Throws what the engine has against the step, if that is the caller's mistake.
   */
  #act(step: Step): void {
    if (this.#state !== 'running') return;
    this.#waiting.push(step);
    if (this.#draining) return;
    this.#draining = true;
    const mistakes: unknown[] = [];
    try {
      for (let next; this.#state === 'running' && (next = this.#waiting.shift()); ) {
        try {
          next(this.#clock.now());
        } catch (error) {
          if (isPanic(error)) throw error;
          mistakes.push(error);
        }
        this.#drain();
      }
    } catch (error) {
      this.#crash(error);
    } finally {
      this.#draining = false;
    }
    if (mistakes.length > 0) throw mistakes[0];
  }

  #drain(): void {
    let output: Output | undefined;
    while ((output = this.#engine.poll()) !== undefined) this.#execute(output);
    const deadline = this.#engine.deadline();
    if (deadline !== undefined && this.#state === 'running') {
      this.#clock.wakeAt(deadline, () => this.#onTime(deadline));
    }
  }

  #onTime(deadline: number): void {
    this.handle({ type: 'timeout' });
    // Nothing ran for a while: the machine slept, and the network may be another one.
    if (this.#clock.now() - deadline > SLEPT_MS) this.command({ type: 'network-changed' });
  }

  /** Says goodbye when the page goes, and looks again when the network does. */
  #watchSurroundings(): void {
    const { signal } = this.#left;
    addEventListener('pagehide', () => void this.leave(), { signal });
    addEventListener('online', () => this.command({ type: 'network-changed' }), { signal });
  }

  #execute(output: Output): void {
    switch (output.type) {
      case 'event':
        this.#tell(output.event);
        break;
      case 'call':
      case 'open-socket':
      case 'send-text':
      case 'hang-up':
        this.#signaling.execute(output);
        break;
      case 'open-link':
      case 'create-offer':
      case 'accept-offer':
      case 'accept-answer':
      case 'add-candidate':
      case 'close-link':
        this.#links.execute(output);
        break;
      case 'send-control':
        this.#links.sendControl(output.link, this.#module.bytes(output.frame.at, output.frame.len));
        break;
      case 'send-bulk':
        this.#links.sendBulk(output.link, this.#module.bytes(output.frame.at, output.frame.len));
        break;
      case 'write-piece':
        this.#store.write(output, this.#module.bytes(output.bytes.at, output.bytes.len));
        break;
      case 'open-sink':
      case 'finish-sink':
      case 'drop-sink':
      case 'close-source':
      case 'read-piece':
        this.#store.execute(output);
        break;
      case 'read-range':
        this.#reads.resolve(output.read, this.#store.read(output));
        break;
      case 'read-refused':
        this.#reads.reject(output.read, output.message);
        break;
      default:
        output satisfies never;
    }
  }

  #tell(event: RoomEvent): void {
    if (event.type === 'ended') {
      this.#state = 'ended';
      void this.#part();
    }
    // After what is under way: a listener may ask for something at once.
    queueMicrotask(() => this.#listen(event));
  }

  /** The engine panicked: its memory may be in any state, so it is never called again. */
  #crash(error: unknown): void {
    this.#state = 'gone';
    const message = error instanceof Error ? error.message : String(error);
    console.error(error);
    queueMicrotask(() => this.#listen({ type: 'crashed', message }));
    void this.#part();
  }

  /** Lets goodbyes go out. What has arrived stays: it may be all that is left of it. */
  #part(): Promise<void> {
    this.#parted ??= (async () => {
      this.#clock.stop();
      this.#reads.close();
      await Promise.allSettled([this.#signaling.close(), this.#links.close()]);
      if (this.#state === 'ended') this.#engine.free();
      this.#state = 'gone';
    })();
    return this.#parted;
  }

  /** Parts, and deletes what was stored. */
  #close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#left.abort();
      await Promise.allSettled([this.#part(), this.#store.close()]);
    })();
    return this.#closed;
  }
}

/** Whether the engine failed, rather than refused: see `panics.rs`. */
function isPanic(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof Error && error.message.startsWith('the engine failed');
}

/** How late a timer may be on a machine that is awake, if busy. */
const SLEPT_MS = 10_000;
