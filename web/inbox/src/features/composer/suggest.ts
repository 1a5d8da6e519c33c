/**
 * What "@" and "#" call up while writing.
 * Owns: finding the word that calls, ordering what fits. Never: rendering, inserting.
 */
import type { Snippet, User } from '~core/wire';

export interface Called {
  sign: '@' | '#';
  word: string;
}

/** The word with a sign that ends before the caret, if it is one: at the beginning or behind a space, and not too long. */
export function calledBy(before: string, signs: string): Called | null {
  const m = /(?:^|[\s(\u00a0\ufffc])([@#])([\p{L}\p{N}._-]{0,40}(?: [\p{L}\p{N}._-]{1,40})?)$/u.exec(before);
  if (!m?.[1] || !signs.includes(m[1])) return null;
  return { sign: m[1] as Called['sign'], word: m[2] ?? '' };
}

const fold = (s: string) => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether every word of `name` or its beginning matches, best first: 0 begins, 1 a word begins, 2 somewhere, -1 not at all. */
function matchOf(name: string, word: string): number {
  const n = fold(name);
  const w = fold(word);
  if (n.startsWith(w)) return 0;
  if (n.split(/[\s._-]+/).some((p) => p.startsWith(w))) return 1;
  return n.includes(w) ? 2 : -1;
}

export function best<X>(list: readonly X[], word: string, names: (x: X) => string[], most = 8): X[] {
  const rank = (x: X) =>
    Math.min(
      ...names(x)
        .map((n) => matchOf(n, word))
        .map((f) => (f < 0 ? 9 : f)),
    );
  return list
    .map((x, i) => ({ x, i, r: rank(x) }))
    .filter((a) => a.r < 9)
    .sort((a, b) => a.r - b.r || a.i - b.i)
    .slice(0, most)
    .map((a) => a.x);
}

/** Whom a note calls: everybody whose name stands in it behind an "@". Of two names the longer one counts. */
export function mentioned<X extends { id: string; name: string }>(text: string, all: readonly X[]): X[] {
  const out: X[] = [];
  let rest = text;
  for (const x of [...all].sort((a, b) => b.name.length - a.name.length)) {
    if (!x.name || !rest.includes(`@${x.name}`)) continue;
    out.push(x);
    rest = rest.replaceAll(`@${x.name}`, '');
  }
  return out;
}

export type Suggestion = { id: string; label: string; hint: string } & (
  | { kind: 'user'; user: User }
  | { kind: 'team'; team: string }
  | { kind: 'snippet'; snippet: Snippet }
);
