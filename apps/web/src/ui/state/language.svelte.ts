// The language of the page: the browser's, until somebody chooses another. The choice is not kept.

import { type Format, formatFor } from '../format';
import { de } from '../i18n/de';
import { en, type Strings } from '../i18n/en';
import { es } from '../i18n/es';

/** What there is, by the code of the language. */
export const LANGUAGES = { en, de, es } as const satisfies Record<string, Strings>;

export type Language = keyof typeof LANGUAGES;

/** What is spoken now. */
class Spoken {
  language = $state<Language>(preferred(navigator.languages));
  readonly t: Strings = $derived(LANGUAGES[this.language]);
  readonly format: Format = $derived(formatFor(this.region()));

  /** The way of writing numbers: the browser's, as far as it is the language that is spoken. */
  private region(): string {
    return navigator.languages.find((tag) => tag.startsWith(this.language)) ?? this.language;
  }
}

/** The first language that there is, or English. */
export function preferred(languages: readonly string[]): Language {
  const codes = languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return codes.find((code): code is Language => Object.hasOwn(LANGUAGES, code)) ?? 'en';
}

export const spoken = new Spoken();
