// Where somebody is: at the start, before a door, in a room, or out of one.

import type { End } from './model';
import { reason, Session, type Wishes } from './session.svelte';

export type Place =
  | { type: 'start' }
  /** A link was opened: nobody is let in before they say so. */
  | { type: 'door'; code: string; wrong: boolean }
  | { type: 'entering'; wishes: Wishes }
  | { type: 'room'; session: Session }
  | { type: 'over'; end: End | { type: 'failed'; message: string }; wishes: Wishes };

/** The place, and the ways from one to another. */
class Whereabouts {
  place: Place = $state.raw({ type: 'start' });
  /** What was typed before, so that nobody types it twice while the page is open. */
  nickname = $state('');
  relayOnly = $state(false);

  start(): void {
    this.place = { type: 'start' };
  }

  /** Takes the code out of the address, where it would stay for anybody to see. */
  readAddress(): void {
    const code = decode(location.hash.slice(1));
    if (location.hash !== '') history.replaceState(null, '', location.pathname);
    if (code === '' || this.place.type === 'room' || this.place.type === 'entering') return;
    this.place = { type: 'door', code, wrong: false };
  }

  async enter(wishes: Wishes): Promise<void> {
    const entering: Place = { type: 'entering', wishes };
    this.place = entering;
    try {
      const session = await Session.enter(wishes);
      if (this.place === entering) this.place = { type: 'room', session };
      else await session.leave();
    } catch (error) {
      if (this.place !== entering) return;
      this.place = { type: 'over', wishes, end: { type: 'failed', message: reason(error) } };
    }
  }

  /** The room is over, and can be come into again if its code is known. */
  over(session: Session, end: End): void {
    const code = session.model.entered?.code;
    const entry = code === undefined ? session.wishes.entry : ({ type: 'join', code } as const);
    const nickname = session.model.nickname;
    this.place = { type: 'over', end, wishes: { ...session.wishes, entry, nickname } };
  }

  async leave(session: Session): Promise<void> {
    const entered = session.model.entered !== undefined;
    if (entered) this.over(session, { type: 'ended', reason: 'left', refusal: undefined, message: '' });
    else this.start();
    await session.leave();
  }
}

function decode(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

export const whereabouts = new Whereabouts();
