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

  answer(to: string): void {
    this.draft = { type: 'answer', to };
    this.wanted++;
  }

  edit(id: string, text: string): void {
    this.draft = { type: 'edit', id };
    this.text = text;
    this.wanted++;
  }

  cancel(): void {
    if (this.draft.type === 'edit') this.text = '';
    this.draft = { type: 'new' };
    this.wanted++;
  }

  done(): void {
    this.draft = { type: 'new' };
    this.text = '';
  }
}
