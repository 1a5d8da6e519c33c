/** The language of the page: English is built in, others load when chosen; the words of the pages behind the inbox load with those. */
import { createContext, Fragment, type ReactNode, useContext } from 'react';
import type all from '~/locales/en.json';
import en from '~/locales/en.json?first';
import { type Messages, pickLocale, type Translator, translator, type Values } from '~core/i18n';

type Stored = keyof typeof all;
/** A key without its plural form. */
export type Key = Stored extends infer K ? (K extends `${infer Base}.${'one' | 'other'}` ? Base : K) : never;

export const locales = ['en', 'de'] as const;
export type Locale = (typeof locales)[number];
export const localeNames: Record<Locale, string> = { en: 'English', de: 'Deutsch' };

const stored = 'parley.locale';

export function chosenLocale(): Locale {
  return pickLocale([localStorage.getItem(stored) ?? '', ...navigator.languages], locales) as Locale;
}

export function chooseLocale(l: Locale): void {
  localStorage.setItem(stored, l);
}

/** The user's own region of a language, for dates and numbers: English as in "en-GB". */
function regional(l: Locale): string {
  return navigator.languages.find((n) => n === l || n.startsWith(`${l}-`)) ?? l;
}

/** The words that the page has, and of which language. */
let have: { locale: Locale; words: Messages } = { locale: 'en', words: { ...en } };
let behind = false; // the pages behind the inbox have been asked for

export async function loadTranslator(l: Locale): Promise<Translator> {
  const first: Messages = l === 'de' ? (await import('~/locales/de.json?first')).default : en;
  have = { locale: l, words: { ...first } };
  if (behind) await laterWords();
  return translator(regional(l), have.words);
}

/** Loads the words of the pages behind the inbox. */
export async function laterWords(): Promise<void> {
  behind = true;
  const { locale, words } = have;
  const more = locale === 'de' ? await import('~/locales/de.json?later') : await import('~/locales/en.json?later');
  Object.assign(words, more.default);
}

export const LocaleContext = createContext<Translator>(translator('en', have.words));

export function useT(): { t: (key: Key, values?: Values) => string; locale: string } {
  return useContext(LocaleContext);
}

/** Translated text with its values set in bold. */
export function Text({ k, values, bold = [] }: { k: Key; values?: Values; bold?: string[] }): ReactNode {
  return useContext(LocaleContext)
    .pieces(k, values)
    .map((p, i) => {
      const key = `${i}${p.name ?? ''}`;
      return p.name && bold.includes(p.name) ? <b key={key}>{p.text}</b> : <Fragment key={key}>{p.text}</Fragment>;
    });
}
