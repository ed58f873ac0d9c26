import { describe, expect, it } from 'vitest';
import { Drafting } from './drafting.svelte';

describe('what was typed', () => {
  it('comes back when a change of an old message is given up, or made', () => {
    for (const end of ['cancel', 'done'] as const) {
      const drafting = typed('half an answ');
      drafting.answer('ann/1');
      drafting.edit('me/1', 'helo');
      drafting.edit('me/2', 'anothr');
      expect(drafting.text).toBe('anothr');
      drafting[end]();
      expect([drafting.draft, drafting.text]).toEqual([{ type: 'answer', to: 'ann/1' }, 'half an answ']);
    }
  });

  it('is what an answer goes on with, and not the text of an old message', () => {
    const drafting = typed('half an answ');
    drafting.edit('me/1', 'helo');
    drafting.answer('ann/1');
    expect([drafting.draft, drafting.text]).toEqual([{ type: 'answer', to: 'ann/1' }, 'half an answ']);
    drafting.cancel();
    expect([drafting.draft, drafting.text]).toEqual([{ type: 'new' }, 'half an answ']);
  });

  it('is gone once it is sent', () => {
    const drafting = typed('an answer');
    drafting.answer('ann/1');
    drafting.done();
    expect([drafting.draft, drafting.text]).toEqual([{ type: 'new' }, '']);
  });
});

function typed(text: string): Drafting {
  const drafting = new Drafting();
  drafting.text = text;
  return drafting;
}
