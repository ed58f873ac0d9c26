// One connection to a member: an RTCPeerConnection with two negotiated data channels. Who offers,
// what collides and what is believed is the engine's business.

import type { Candidate, Input, LinkId } from './module';
import { Credit } from './credit';
import { hide, isNarrow, WIDE_BYTES, withoutSection, withSection, type Hidden } from './hidden';
import type { Frames } from './links';

export class Link {
  readonly #id: LinkId;
  readonly #report: (input: Input) => void;
  readonly #connection: RTCPeerConnection;
  readonly #control: RTCDataChannel;
  readonly #bulk: RTCDataChannel;
  readonly #credit: Credit;
  /** Steps of the negotiation, one after the other. */
  #steps: Promise<void> = Promise.resolve();
  #state: 'opening' | 'open' | 'closed' = 'opening';
  /** The section that the peer knows nothing of. */
  #hidden: Hidden | undefined;

  constructor(
    id: LinkId,
    configuration: RTCConfiguration,
    report: (input: Input) => void,
    frames: Frames,
  ) {
    this.#id = id;
    this.#report = report;
    this.#connection = new RTCPeerConnection(configuration);
    this.#control = this.#channel('control', 0);
    this.#bulk = this.#channel('bulk', 1);
    this.#credit = new Credit(this.#bulk, (bytes) => this.#tell({ type: 'bulk-credit', link: id, bytes }));
    this.#watch(this.#control, (frame) => frames.control(id, frame));
    this.#watch(this.#bulk, (frame) => frames.bulk(id, frame));
    this.#connection.onicecandidate = ({ candidate }) => this.#onCandidate(candidate);
    this.#connection.onconnectionstatechange = () => this.#onState();
  }

  createOffer(iceRestart: boolean): void {
    this.#step(async (connection) => {
      await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
      this.#tell({ type: 'local-offer', link: this.#id, ...this.#local() });
    });
  }

  acceptOffer(sdp: string, rollback: boolean): void {
    this.#step(async (connection) => {
      if (rollback && connection.signalingState === 'have-local-offer') {
        await connection.setLocalDescription({ type: 'rollback' });
      }
      await connection.setRemoteDescription({ type: 'offer', sdp: this.#whole(sdp) });
      await connection.setLocalDescription(await connection.createAnswer());
      this.#tell({ type: 'local-answer', link: this.#id, ...this.#local() });
    });
  }

  acceptAnswer(sdp: string): void {
    this.#step((connection) =>
      connection.setRemoteDescription({ type: 'answer', sdp: this.#whole(sdp) }),
    );
  }

  addCandidate(candidate: Candidate): void {
    this.#step((connection) =>
      // One of a kind that the browser does not know costs nobody the link.
      connection.addIceCandidate(candidate).catch(() => undefined),
    );
  }

  sendControl(frame: Uint8Array<ArrayBuffer>): void {
    this.#send(this.#control, frame);
  }

  sendBulk(frame: Uint8Array<ArrayBuffer>): void {
    this.#send(this.#bulk, frame);
    this.#credit.onSent(frame.length);
  }

  /** Resolves once what was sent on `control` is on its way, and the connection is closed. */
  async close(): Promise<void> {
    this.#state = 'closed';
    for (let waited = 0; this.#owes() && waited < FAREWELL_MS; waited += PACE_MS) await pause();
    // What is on the wire is lost with the connection if it has to be sent again.
    await pause();
    this.#connection.close();
  }

  #channel(label: string, id: number): RTCDataChannel {
    // Both channels send in order: what is unordered would go before everything that is not.
    const channel = this.#connection.createDataChannel(label, { negotiated: true, id, ordered: true });
    channel.binaryType = 'arraybuffer';
    return channel;
  }

  #watch(channel: RTCDataChannel, take: (frame: Uint8Array) => void): void {
    channel.onopen = () => void this.#onChannelOpen();
    channel.onclose = () => this.#tell({ type: 'link-state', link: this.#id, state: 'closed' });
    channel.onmessage = (message: MessageEvent<unknown>) => {
      if (this.#state !== 'closed' && message.data instanceof ArrayBuffer) {
        take(new Uint8Array(message.data));
      }
    };
  }

  async #onChannelOpen(): Promise<void> {
    if (this.#control.readyState !== 'open' || this.#bulk.readyState !== 'open') return;
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    const stats = await read(this.#connection);
    this.#tell({ type: 'link-opened', link: this.#id, ...stats.certificates });
    this.#tell({ type: 'link-path', link: this.#id, turn: stats.turn });
    this.#credit.open();
    if (isNarrow()) this.#step(async (connection) => void (this.#hidden = await hide(connection)));
    const ice = this.#connection.sctp?.transport.iceTransport;
    ice?.addEventListener('selectedcandidatepairchange', () => void this.#onPath());
  }

  async #onPath(): Promise<void> {
    const { turn } = await read(this.#connection);
    this.#tell({ type: 'link-path', link: this.#id, turn });
  }

  #onCandidate(candidate: RTCIceCandidate | null): void {
    if (!candidate || candidate.candidate === '') return;
    const { sdpMid, sdpMLineIndex } = candidate;
    this.#tell({
      type: 'local-candidate',
      link: this.#id,
      candidate: { candidate: candidate.candidate, sdpMid, sdpMLineIndex },
    });
  }

  #onState(): void {
    const state = this.#connection.connectionState;
    this.#tell({ type: 'link-state', link: this.#id, state });
  }

  /** One step of the negotiation, after those before. */
  #step(act: (connection: RTCPeerConnection) => Promise<void>): void {
    this.#steps = this.#steps.then(async () => {
      if (this.#state === 'closed') return;
      try {
        await act(this.#connection);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#tell({ type: 'link-rejected', link: this.#id, reason });
      }
    });
  }

  #send(channel: RTCDataChannel, frame: Uint8Array<ArrayBuffer>): void {
    if (channel.readyState !== 'open') return;
    try {
      channel.send(frame);
    } catch {
      // Megabytes wait for a peer that takes nothing: the engine finds another way.
      this.#tell({ type: 'link-state', link: this.#id, state: 'closed' });
    }
  }

  #tell(input: Input): void {
    if (this.#state !== 'closed') this.#report(input);
  }

  /** The local description, as the peer is to see it. */
  #local(): { sdp: string; receiveBuffer: number | undefined } {
    const sdp = this.#connection.localDescription?.sdp ?? '';
    return {
      sdp: this.#hidden ? withoutSection(sdp, this.#hidden) : sdp,
      receiveBuffer: isNarrow() ? WIDE_BYTES : undefined,
    };
  }

  /** A description of the peer, with what it does not know of. */
  #whole(sdp: string): string {
    return this.#hidden ? withSection(sdp, this.#hidden) : sdp;
  }

  #owes(): boolean {
    return this.#control.readyState === 'open' && this.#control.bufferedAmount > 0;
  }
}

interface Stats {
  certificates: { localCertificate?: string; remoteCertificate?: string };
  /** Through a TURN server at either end. */
  turn: boolean;
}

/** What the statistics say, as far as this browser has them (W3C WebRTC Statistics). */
async function read(connection: RTCPeerConnection): Promise<Stats> {
  const report = (await connection.getStats()) as unknown as ReadonlyMap<string, Stat>;
  const all = [...report.values()];
  const transport = all.find((stat) => stat.type === 'transport');
  const find = (id: unknown): Stat | undefined => (typeof id === 'string' ? report.get(id) : undefined);
  const [local, remote] = [transport?.['localCertificateId'], transport?.['remoteCertificateId']].map(
    (id) => sha256(find(id)),
  );
  const pair = find(transport?.['selectedCandidatePairId']);
  const ends = [find(pair?.['localCandidateId']), find(pair?.['remoteCandidateId'])];
  return {
    certificates: {
      ...(local === undefined ? {} : { localCertificate: local }),
      ...(remote === undefined ? {} : { remoteCertificate: remote }),
    },
    turn: ends.some((end) => end?.['candidateType'] === 'relay'),
  };
}

type Stat = { readonly type: string } & Readonly<Record<string, unknown>>;

function sha256(certificate: Stat | undefined): string | undefined {
  const fingerprint = certificate?.['fingerprint'];
  const isSha256 = certificate?.['fingerprintAlgorithm'] === 'sha-256';
  return isSha256 && typeof fingerprint === 'string' ? fingerprint : undefined;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PACE_MS));
}

const PACE_MS = 50;

/** Time at the end for goodbyes to go out. */
const FAREWELL_MS = 1_000;
