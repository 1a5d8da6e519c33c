/**
 * Translated text: flat JSON, `{name}` placeholders, plural forms as `key.one`, `key.other` by Intl.PluralRules.
 * Owns: lookup and filling in. Never: loading, dates (time.ts). Imported by: inbox.
 */
export type Messages = Record<string, string>;
export type Values = Record<string, string | number>;

/** A filled text in pieces; `name` is set where a placeholder stood. */
export interface Piece {
  text: string;
  name?: string;
}

export interface Translator {
  locale: string;
  t(key: string, values?: Values): string;
  pieces(key: string, values?: Values): Piece[];
}

/** A key that does not exist is an error: the tests hold that none is asked for. */
export function translator(locale: string, messages: Messages): Translator {
  const rules = new Intl.PluralRules(locale);
  const find = (key: string, values?: Values): string => {
    const plain = messages[key];
    if (plain !== undefined) return plain;
    const n = Number(values?.count ?? 0);
    const form = messages[`${key}.${rules.select(n)}`] ?? messages[`${key}.other`];
    if (form === undefined) throw new Error(`i18n: no text for ${key}`);
    return form;
  };
  const pieces = (key: string, values: Values = {}): Piece[] =>
    find(key, values)
      .split(/(\{\w+\})/)
      .filter((s) => s !== '')
      .map((s) => {
        const name = /^\{(\w+)\}$/.exec(s)?.[1];
        return name === undefined ? { text: s } : { text: String(values[name] ?? s), name };
      });
  return {
    locale,
    pieces,
    t: (key, values) =>
      pieces(key, values)
        .map((p) => p.text)
        .join(''),
  };
}

/** The first of the user's languages that there is, else the first there is. */
export function pickLocale(wanted: readonly string[], have: readonly string[]): string {
  for (const w of wanted) {
    const hit = have.find((h) => h === w) ?? have.find((h) => h === w.split('-')[0]);
    if (hit) return hit;
  }
  return have[0] ?? 'en';
}
