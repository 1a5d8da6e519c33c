/**
 * Why mail was put aside, or was not, in words.
 * Owns: the sentence for each rule of the filters. Never: showing, deciding. Imported by: FolderBanner, EventLine, explain.
 */
import type { Key } from '~/app/locale';
import type { Values } from '~core/i18n';
import type { Why } from '~core/wire';

type T = (k: Key, v?: Values) => string;

const rules: Record<string, Key> = {
  hand: 'filed.hand',
  spam: 'filed.spam',
  dmarc: 'filed.dmarc',
  deny: 'filed.deny',
  auto: 'filed.auto',
  marketing: 'filed.marketing',
  roles: 'filed.roles',
  unsubscribe: 'filed.unsubscribe',
  rate: 'filed.rate',
  paused: 'filed.paused',
};

/** One sentence; a rule that this page does not know is named with what it looked at. */
export function filedText(why: Why, t: T): string {
  const inputs = why.inputs ?? {};
  const key = rules[why.rule];
  if (key) return t(key, inputs);
  const list = Object.entries(inputs)
    .map(([k, v]) => `${k}: ${v}`)
    .join(', ');
  return t('filed.unknown', { rule: list ? `${why.rule} (${list})` : why.rule });
}
