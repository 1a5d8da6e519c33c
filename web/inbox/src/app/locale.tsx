/** The language of the page: English is built in but for the settings, whose texts come with them; others load when chosen. */
import { createContext, Fragment, type ReactNode, useContext } from 'react';
import type en from '~/locales/en.json';
import first from '~/locales/en.json?first';
import { type Messages, pickLocale, type Translator, translator, type Values } from '~core/i18n';

type Stored = keyof typeof en;
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

const english: Messages = { ...first };
let rest: Promise<void> | undefined;

/** Brings the texts of the settings; what asks for them waits for it. */
export function settingsTexts(): Promise<void> {
  rest ??= import('~/locales/en.json?later').then(
    (m) => void Object.assign(english, m.default),
    (err: unknown) => {
      rest = undefined; // asked for again when somebody comes back
      throw err;
    },
  );
  return rest;
}

export async function loadTranslator(l: Locale): Promise<Translator> {
  if (l === 'de') return translator(regional(l), (await import('~/locales/de.json')).default);
  await rest;
  return translator(regional(l), english);
}

export const LocaleContext = createContext<Translator>(translator('en', english));

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
