// The way to the server: its calls over HTTP and its WebSocket. What is said on them is the
// engine's business.

import type { IceServer, Input, Output } from './module';

type Call = Extract<Output, { type: 'call' }>;
type OpenSocket = Extract<Output, { type: 'open-socket' }>;
type Signal = Extract<Output, { type: 'call' | 'open-socket' | 'send-text' | 'hang-up' }>;

export interface IceServers {
  readIceServers: (body: string) => IceServer[];
  setIceServers: (servers: IceServer[]) => void;
}

/** At most one call or socket is under way at a time. */
export class Signaling {
  readonly #server: string;
  readonly #report: (input: Input) => void;
  readonly #ice: IceServers;
  /** Ends what is under way; its reports do not count from then on. */
  #abandon = new AbortController();
  #socket: WebSocket | undefined;

  constructor(server: string, report: (input: Input) => void, ice: IceServers) {
    this.#server = server;
    this.#report = report;
    this.#ice = ice;
  }

  execute(signal: Signal): void {
    switch (signal.type) {
      case 'call':
        void this.#call(signal, this.#begin());
        break;
      case 'open-socket':
        void this.#open(signal, this.#begin());
        break;
      case 'send-text':
        this.#send(signal.text);
        break;
      case 'hang-up':
        this.#begin();
        break;
    }
  }

  /** Resolves once everything is sent, or soon after. */
  async close(): Promise<void> {
    const socket = this.#socket;
    this.#begin();
    for (let waited = 0; socket && socket.bufferedAmount > 0 && waited < FAREWELL_MS; waited += 20) {
      await pause(20);
    }
  }

  /** Ends what is under way. A socket still sends what it has. */
  #begin(): AbortSignal {
    this.#abandon.abort();
    this.#abandon = new AbortController();
    this.#socket?.close();
    this.#socket = undefined;
    return this.#abandon.signal;
  }

  async #call(call: Call, abandoned: AbortSignal): Promise<void> {
    let input: Input;
    try {
      const response = await fetch(this.#server + call.route, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: call.body,
        signal: AbortSignal.any([abandoned, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
        ...PLAIN,
      });
      input = { type: 'answer', status: response.status, body: await response.text() };
    } catch {
      input = { type: 'unreachable', reason: UNREACHABLE };
    }
    if (!abandoned.aborted) this.#report(input);
  }

  async #open(open: OpenSocket, abandoned: AbortSignal): Promise<void> {
    const known = this.#refreshIceServers(open.iceServersRoute, abandoned);
    const socket = new WebSocket(this.#server.replace(/^http/, 'ws') + open.route);
    this.#socket = socket;
    let opened = false;
    const tell = (input: Input): void => {
      if (!abandoned.aborted) this.#report(input);
    };
    const early: string[] = [];
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (typeof message.data !== 'string') return;
      if (opened) tell({ type: 'socket-text', text: message.data });
      else early.push(message.data);
    };
    socket.onclose = (event) => {
      const closed = event.reason === '' ? `closed (${event.code})` : event.reason;
      tell({ type: 'socket-closed', opened, reason: opened ? closed : UNREACHABLE });
    };
    await new Promise((resolve) => (socket.onopen = resolve));
    // Links open right after the socket, and without these servers only with host candidates.
    await Promise.race([known, pause(ICE_SERVERS_TIMEOUT_MS)]);
    if (socket.readyState !== WebSocket.OPEN) return;
    opened = true;
    tell({ type: 'socket-opened' });
    for (const text of early) tell({ type: 'socket-text', text });
  }

  #send(text: string): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > OUTBOX_BYTES) {
      this.#begin();
      this.#report({ type: 'socket-closed', opened: true, reason: 'the server takes no messages' });
      return;
    }
    socket.send(text);
  }

  /** Asks for the ICE servers, and again as long as they come with credentials, which expire. */
  async #refreshIceServers(route: string, abandoned: AbortSignal): Promise<void> {
    const servers = await this.#fetchIceServers(route, abandoned);
    if (abandoned.aborted) return;
    if (servers) this.#ice.setIceServers(servers);
    if (servers && !servers.some((server) => server.credential !== undefined)) return;
    const timer = setTimeout(
      () => void this.#refreshIceServers(route, abandoned),
      ICE_SERVERS_REFRESH_MS,
    );
    abandoned.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  async #fetchIceServers(route: string, abandoned: AbortSignal): Promise<IceServer[] | undefined> {
    try {
      const signal = AbortSignal.any([abandoned, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
      const response = await fetch(this.#server + route, { signal, ...PLAIN });
      const body = await response.text();
      return response.ok && !abandoned.aborted ? this.#ice.readIceServers(body) : undefined;
    } catch {
      // Host candidates may be enough.
      return undefined;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Nothing that identifies anybody goes with a call, and nothing of it is kept. */
const PLAIN = { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' } as const;

const UNREACHABLE = 'the server does not answer';

/** Time for one call. */
const CALL_TIMEOUT_MS = 15_000;

/** How long the opening of the socket waits for the ICE servers. */
const ICE_SERVERS_TIMEOUT_MS = 3_000;

/** Credentials last ten minutes, and somebody may join at any time. */
const ICE_SERVERS_REFRESH_MS = 4 * 60_000;

/** Bytes that wait for the socket. A server that does not take them any more counts as gone. */
const OUTBOX_BYTES = 4 * 1024 * 1024;

/** Time at the end for goodbyes to go out. */
const FAREWELL_MS = 1_000;
