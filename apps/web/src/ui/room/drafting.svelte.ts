// What is being written: a new message, an answer, or a change of an old one.

export type Draft =
  | { type: 'new' }
  | { type: 'answer'; to: string }
  | { type: 'edit'; id: string };

export class Drafting {
  draft: Draft = $state({ type: 'new' });
  text = $state('');
  /** Counts the wishes to write, so that the field takes the focus. */
  wanted = $state(0);
  /** What was being written when a change of an old message came between. */
  #aside: { draft: Draft; text: string } | undefined;

  answer(to: string): void {
    this.#takeUp();
    this.draft = { type: 'answer', to };
    this.wanted++;
  }

  edit(id: string, text: string): void {
    this.#aside ??= { draft: this.draft, text: this.text };
    this.draft = { type: 'edit', id };
    this.text = text;
    this.wanted++;
  }

  cancel(): void {
    if (!this.#takeUp()) this.draft = { type: 'new' };
    this.wanted++;
  }

  done(): void {
    if (this.#takeUp()) return;
    this.draft = { type: 'new' };
    this.text = '';
  }

  /** Goes on with what was put aside, if something was. */
  #takeUp(): boolean {
    const aside = this.#aside;
    if (!aside) return false;
    this.#aside = undefined;
    this.draft = aside.draft;
    this.text = aside.text;
    return true;
  }
}
