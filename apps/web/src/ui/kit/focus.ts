// Where the focus goes when what has it is taken away: never to nowhere.

import { tick } from 'svelte';

/** Gives the focus to something else, if what has it and is inside goes with the change that comes. */
export function keepFocus(inside: Element | null | undefined, to: () => HTMLElement | undefined): void {
  if (!inside?.contains(document.activeElement)) return;
  void tick().then(() => {
    if (document.activeElement === document.body) to()?.focus();
  });
}

/** The heading of what is shown, which says where one is. */
export function focusHeading(): void {
  document.querySelector('h1')?.focus();
}
