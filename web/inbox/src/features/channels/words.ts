/**
 * What the server found out about an account, in the reader's language.
 * Owns: the sentence for each code, the mark for each state. Never: deciding what is healthy (shared/channel does).
 */
import { CircleAlert, CircleCheck, CircleHelp, Clock, Info, type LucideIcon } from 'lucide-react';
import type { Key } from '~/app/locale';
import type { Values } from '~core/i18n';
import type { Check } from '~core/wire';

type T = (k: Key, v?: Values) => string;

export const marks: Record<Check['state'], { icon: LucideIcon; tone: 'ok' | 'warn' | 'bad' | 'info' | 'plain'; word: Key }> = {
  ok: { icon: CircleCheck, tone: 'ok', word: 'channels.state.ok' },
  waiting: { icon: Clock, tone: 'warn', word: 'channels.state.waiting' },
  wrong: { icon: CircleAlert, tone: 'bad', word: 'channels.state.wrong' },
  advice: { icon: Info, tone: 'info', word: 'channels.state.advice' },
  unknown: { icon: CircleHelp, tone: 'plain', word: 'channels.state.unknown' },
};

/** One sentence. A code of a newer server comes in the server's words. */
export function sentence(c: { code: string; text: string; args?: Record<string, string> }, t: T): string {
  const key = `channel.${c.code}` as Key;
  const said = t(key, c.args ?? {});
  return said === key ? c.text : said;
}
