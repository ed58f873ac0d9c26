// Where somebody is: at the start, before a door, in a room, or out of one.

import { type Failure, failureOf } from './failure';
import { leaveBehind, type Shared, SHARED, takeLeft, takeShared } from './handover';
import type { End } from './model';
import { Session, type Wishes } from './session.svelte';

export type Place =
  | { type: 'start' }
  | { type: 'door'; code: string; why: Knock }
  | { type: 'entering'; wishes: Wishes }
  | { type: 'room'; session: Session }
  | { type: 'over'; end: End | Failure; wishes: Wishes };

/** Why somebody is before a door; nobody is let in before they say so. */
export type Knock =
  /** They opened a link. */
  | 'invited'
  /** Their words opened nothing: they can be changed. */
  | 'wrong'
  /** They were in, and loaded the page again. */
  | 'back';

/** The place, and the ways from one to another. */
class Whereabouts {
  place: Place = $state.raw({ type: 'start' });
  /** What was typed before, so that nobody types it twice while the page is open. */
  nickname = $state('');
  relayOnly = $state(false);
  /** What was shared with Snug from elsewhere, until there is a room for it. */
  brought: Shared | undefined = $state.raw();

  start(): void {
    this.place = { type: 'start' };
  }

  /** Takes the code out of the address, where it would stay for anybody to see. */
  readAddress(): void {
    const code = decode(location.hash.slice(1));
    const shared = location.pathname + location.search === SHARED;
    if (location.hash !== '' || shared) history.replaceState(null, '', location.pathname);
    if (shared) void takeShared().then((it) => (this.brought = it));
    if (code === '' || this.#busy()) return;
    this.place = { type: 'door', code, why: 'invited' };
  }

  /** Stands before the room again in which the page was when it was loaded anew. */
  async readLeft(): Promise<void> {
    const left = await takeLeft();
    if (!left || this.place.type !== 'start') return;
    this.nickname = left.nickname;
    this.relayOnly = left.relayOnly;
    this.place = { type: 'door', code: left.code, why: 'back' };
  }

  /** The page goes. */
  leaveBehind(): void {
    const session = this.place.type === 'room' ? this.place.session : undefined;
    const code = session?.model.entered?.code;
    if (!session || code === undefined) return;
    leaveBehind({ code, nickname: session.model.nickname, relayOnly: session.wishes.relayOnly });
  }

  /** Gives what was brought, once. */
  takeBrought(): Shared | undefined {
    const brought = this.brought;
    this.brought = undefined;
    return brought;
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
      this.place = { type: 'over', wishes, end: failureOf(error) };
    }
  }

  /** The room is over, and can be come into again if its code is known. */
  over(session: Session, end: End): Promise<void> {
    this.place = { type: 'over', end, wishes: wishesAgain(session) };
    return session.leave();
  }

  leave(session: Session): Promise<void> {
    if (session.model.entered) {
      return this.over(session, { type: 'ended', reason: 'left', refusal: undefined, message: '' });
    }
    this.start();
    return session.leave();
  }

  /** Comes into a room again that is over here, with what was being written in it. */
  again(session: Session, text: string): void {
    void session.leave();
    if (text !== '') this.brought = { files: [], text };
    void this.enter(wishesAgain(session));
  }

  #busy(): boolean {
    return this.place.type === 'room' || this.place.type === 'entering';
  }
}

function wishesAgain({ model, wishes }: Session): Wishes {
  const { nickname, entered } = model;
  return { ...wishes, nickname, entry: entered ? { type: 'join', code: entered.code } : wishes.entry };
}

function decode(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

export const whereabouts = new Whereabouts();
