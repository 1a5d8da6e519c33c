/**
 * What was wrong with a mail, in words.
 * Owns: which problem has which sentence, and how grave it is. Never: showing. Imported by: Problems, explain.
 */
import type { Key } from '~/app/locale';
import type { Problem } from '~core/wire';

const words: Record<string, Key> = {
  guard: 'problem.guard',
  header: 'problem.header',
  charset: 'problem.charset',
  encoding: 'problem.encoding',
  boundary: 'problem.boundary',
  truncated: 'problem.truncated',
  'no-from': 'problem.noFrom',
  date: 'problem.date',
  empty: 'problem.empty',
  panic: 'problem.panic',
  virus: 'problem.virus',
  spam: 'problem.spam',
  dmarc: 'problem.dmarc',
  'spam-unsure': 'problem.spamUnsure',
  'virus-unsure': 'problem.virusUnsure',
};

/** Verdicts of the carrier's scanners: about the sender, not about how the mail is written. */
const verdicts = new Set(['virus', 'spam', 'dmarc', 'spam-unsure', 'virus-unsure']);

export const isVerdict = (p: Problem) => verdicts.has(p.name);

/** One sentence, or the problem as it is called if this page does not know it. */
export function problemText(p: Problem, t: (k: Key) => string): string {
  const key = words[p.name];
  if (key) return t(key);
  return p.detail ? `${p.name}: ${p.detail}` : p.name;
}
