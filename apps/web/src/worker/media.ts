// Plays films while they arrive, by asking the page for the bytes.

import type { MediaAnswer, MediaAsk } from '../ui/transfer/stream';
import { isStreamed } from '../ui/transfer/media';
import { readRange } from '../ui/transfer/range';
import { type Fetching, type PageClient, scope } from './scope';

/** Answers a player. Nobody else gets anything: what is sent must never be opened as a page. */
export async function media(event: Fetching, transfer: string): Promise<Response> {
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
