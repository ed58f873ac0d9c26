// The links of a room, by the engine's numbers.

import { Link } from './link';
import type { IceServer, Input, LinkId, Output } from './module';

type LinkOutput = Extract<
  Output,
  {
    type:
      | 'open-link'
      | 'create-offer'
      | 'accept-offer'
      | 'accept-answer'
      | 'add-candidate'
      | 'close-link';
  }
>;

/** Where frames go. */
export interface Frames {
  control: (link: LinkId, frame: Uint8Array) => void;
  bulk: (link: LinkId, frame: Uint8Array) => void;
}

export class Links {
  readonly #report: (input: Input) => void;
  readonly #frames: Frames;
  readonly #open = new Map<LinkId, Link>();
  readonly #closing = new Set<Promise<void>>();
  #iceServers: RTCIceServer[] = [];

  constructor(report: (input: Input) => void, frames: Frames) {
    this.#report = report;
    this.#frames = frames;
  }

  /** For links that are opened from now on. */
  setIceServers(servers: IceServer[]): void {
    this.#iceServers = servers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }));
  }

  execute(output: LinkOutput): void {
    if (output.type === 'open-link') {
      const configuration = {
        iceServers: this.#iceServers,
        iceTransportPolicy: output.relayOnly ? 'relay' : 'all',
      } as const;
      const link = new Link(output.link, configuration, this.#report, this.#frames);
      this.#open.set(output.link, link);
      return;
    }
    const link = this.#open.get(output.link);
    if (!link) return;
    switch (output.type) {
      case 'create-offer':
        link.createOffer(output.iceRestart);
        break;
      case 'accept-offer':
        link.acceptOffer(output.sdp, output.rollback);
        break;
      case 'accept-answer':
        link.acceptAnswer(output.sdp);
        break;
      case 'add-candidate':
        link.addCandidate(output.candidate);
        break;
      case 'close-link':
        this.#close(output.link, link);
        break;
    }
  }

  sendControl(link: LinkId, frame: Uint8Array<ArrayBuffer>): void {
    this.#open.get(link)?.sendControl(frame);
  }

  sendBulk(link: LinkId, frame: Uint8Array<ArrayBuffer>): void {
    this.#open.get(link)?.sendBulk(frame);
  }

  /** Resolves once every link has said what it had to say. */
  async close(): Promise<void> {
    for (const [id, link] of this.#open) this.#close(id, link);
    await Promise.all(this.#closing);
  }

  #close(id: LinkId, link: Link): void {
    this.#open.delete(id);
    const closing = link.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
