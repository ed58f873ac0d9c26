// The service worker: it plays films while they arrive, by asking the page for the bytes, and keeps
// the files of the page itself, so that it opens without a network. It keeps nothing else.

import type { MediaAnswer, MediaAsk } from './ui/transfer/stream';
import { isStreamed, MEDIA_PATH } from './ui/transfer/media';
import { readRange } from './ui/transfer/range';

/** What it needs of its global scope; the compiler's types of pages have no name for it. */
interface Scope {
  readonly clients: { claim(): Promise<void>; get(id: string): Promise<PageClient | undefined> };
  readonly location: Location;
  addEventListener(type: 'install' | 'activate', heard: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', heard: (event: Fetching) => void): void;
}
interface Lasting {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  readonly clientId: string;
  respondWith(response: Response | Promise<Response>): void;
}
interface PageClient {
  postMessage(message: unknown, give: Transferable[]): void;
}

const scope = self as unknown as Scope;

/** The files of this build, and its name; `shell.ts` puts them in. */
declare const SHELL: { version: string; files: string[] };
const CACHE = `snug-${SHELL.version}`;

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['/', ...SHELL.files])));
});

// It takes over at once only where nobody was before: a page that is open keeps its own files.
scope.addEventListener('activate', (event) => {
  const clean = caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([clean, scope.clients.claim()]));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== scope.location.origin || request.method !== 'GET') return;
  if (pathname.startsWith(MEDIA_PATH)) {
    event.respondWith(media(event, pathname.slice(MEDIA_PATH.length)));
  } else if (request.mode === 'navigate' && pathname === '/') {
    // The newest page that there is.
    event.respondWith(fetch(request).catch(() => kept('/')));
  } else if (SHELL.files.includes(pathname)) {
    event.respondWith(kept(pathname));
  }
});

async function kept(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(path);
}

/** Answers a player. Nobody else gets anything: what is sent must never be opened as a page. */
async function media(event: Fetching, transfer: string): Promise<Response> {
  const { request, clientId } = event;
  const player = request.destination === 'video' || request.destination === 'audio';
  const page = player ? await scope.clients.get(clientId) : undefined;
  if (!page) return new Response(null, { status: 404 });
  const source = new Source(page, transfer);
  const about = await source.ask({ type: 'describe' });
  const range = about.type === 'media' ? readRange(request.headers.get('range'), about.size) : undefined;
  if (about.type !== 'media' || !isStreamed(about.mediaType) || about.size === 0) {
    source.close();
    return new Response(null, { status: 404 });
  }
  if (!range) {
    source.close();
    return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${about.size}` } });
  }
  const { start, end } = range;
  // Or the browser stops the worker in the middle.
  event.waitUntil(source.closed);
  return new Response(source.stream(start, end), {
    status: 206,
    headers: {
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-store',
      'Content-Length': String(end - start),
      'Content-Range': `bytes ${start}-${end - 1}/${about.size}`,
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Content-Type': about.mediaType,
      'X-Content-Type-Options': 'nosniff',
    },
  });
}

/** The page's bytes of one transfer. */
class Source {
  readonly #port: MessagePort;
  readonly closed: Promise<void>;
  #closed: () => void = () => undefined;
  #heard: (answer: MediaAnswer) => void = () => undefined;

  constructor(page: PageClient, transfer: string) {
    const { port1, port2 } = new MessageChannel();
    this.closed = new Promise((closed) => (this.#closed = closed));
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<MediaAnswer>) => this.#heard(data);
    page.postMessage({ media: transfer }, [port2]);
  }

  ask(ask: MediaAsk): Promise<MediaAnswer> {
    return new Promise((heard) => {
      this.#heard = heard;
      this.#port.postMessage(ask);
    });
  }

  close(): void {
    this.#port.postMessage('close');
    this.#port.close();
    this.#closed();
  }

  /** Reads as fast as somebody takes it, and stops when nobody does any more. */
  stream(start: number, end: number): ReadableStream<Uint8Array> {
    let at = start;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (into) => {
          const answer = await this.ask({ type: 'read', start: at, end: Math.min(at + READ_BYTES, end) });
          if (answer.type !== 'bytes' || answer.bytes.byteLength === 0) {
            this.close();
            into.error(new Error('the bytes do not come'));
            return;
          }
          at += answer.bytes.byteLength;
          into.enqueue(new Uint8Array(answer.bytes));
          if (at < end) return;
          this.close();
          into.close();
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 1 },
    );
  }
}

/** Small enough that a seek does not wait long for what nobody wants any more. */
const READ_BYTES = 256 * 1024;
