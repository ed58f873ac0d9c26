// A data channel and nothing else: what two browsers do at their best, to be compared with.

/** What the benchmark finds in `window.bare`. */
export interface Bare {
  offer: () => Promise<string>;
  answer: (sdp: string) => Promise<string>;
  accept: (sdp: string) => Promise<void>;
  /** Sends so many bytes, keeping the queue as full as a link of ours does. */
  send: (bytes: number) => Promise<void>;
  /** Until so many bytes were received. */
  receive: (bytes: number) => Promise<void>;
}

declare global {
  interface Window {
    bare: Bare;
  }
}

const connection = new RTCPeerConnection();
const channel = connection.createDataChannel('bulk', { negotiated: true, id: 0, ordered: true });
channel.binaryType = 'arraybuffer';
const open = new Promise((opened) => (channel.onopen = opened));

window.bare = {
  offer: async () => {
    await connection.setLocalDescription(await connection.createOffer());
    return gathered();
  },
  answer: async (sdp) => {
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    return gathered();
  },
  accept: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
  send: async (bytes) => {
    await open;
    const message = new Uint8Array(MESSAGE_BYTES);
    channel.bufferedAmountLowThreshold = QUEUE_BYTES / 2;
    for (let sent = 0; sent < bytes; sent += MESSAGE_BYTES) {
      while (channel.bufferedAmount >= QUEUE_BYTES) {
        await new Promise((low) => (channel.onbufferedamountlow = low));
      }
      channel.send(message);
    }
  },
  receive: (bytes) =>
    new Promise((resolve) => {
      let received = 0;
      channel.onmessage = (message: MessageEvent<ArrayBuffer>) => {
        received += message.data.byteLength;
        if (received >= bytes) resolve();
      };
    }),
};

/** The local description with all its candidates. */
async function gathered(): Promise<string> {
  while (connection.iceGatheringState !== 'complete') {
    await new Promise((changed) => (connection.onicegatheringstatechange = changed));
  }
  return connection.localDescription!.sdp;
}

const MESSAGE_BYTES = 32 * 1024;
const QUEUE_BYTES = 256 * 1024;
