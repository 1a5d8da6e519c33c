/**
 * The widget's words: ours in English and German, the team's own over them.
 * Owns: which language, filling in. Never: fetching. Imported by: loader (its own few words), panel.
 */
export type Words = Record<string, string>;
export type T = (key: string, values?: Record<string, string | number>) => string;

/** The page's language, else the browser's, else English; regions do not matter. */
export function language(have: string[], page: string, browser: readonly string[]): string {
  for (const wanted of [page, ...browser]) {
    const base = wanted.toLowerCase().split('-')[0] ?? '';
    if (have.includes(base)) return base;
  }
  return 'en';
}

export function translator(own: Record<string, Words>, replaced: Record<string, Words> | undefined, lang: string): T {
  const words = { ...own.en, ...own[lang], ...replaced?.[lang] };
  return (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
