// A page without a face: the tests drive a room through it and read what it heard.

import { Room, type RoomEvent, type RoomOptions } from '../src/engine/room';
import { noise } from './noise';

/** What the tests find in `window.member`. */
export interface Member {
  events: RoomEvent[];
  room: Room | undefined;
  open: (options: Omit<RoomOptions, 'listen'>) => Promise<void>;
  /** Offers a file of that many bytes, which anybody can make again from the seed. */
  offerNoise: (name: string, size: number, seed: number) => Promise<string>;
  /** The SHA-256 of the only file of a transfer, in hexadecimal digits, and its size. */
  digest: (transfer: string) => Promise<{ size: number; sha256: string }>;
}

declare global {
  interface Window {
    member: Member;
  }
}

const member: Member = {
  events: [],
  room: undefined,
  open: async (options) => {
    const listen = (event: RoomEvent): void => void member.events.push(event);
    member.room = await Room.open({ ...options, listen });
  },
  offerNoise: async (name, size, seed) => {
    const file = new File([noise(size, seed)], name, { type: 'application/octet-stream' });
    const offer = await member.room!.offer([{ path: name, file }]);
    return offer.transfer;
  },
  digest: async (transfer) => {
    const [file] = member.room!.files(transfer);
    const bytes = await file!.blob.arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return { size: bytes.byteLength, sha256 };
  },
};
window.member = member;
