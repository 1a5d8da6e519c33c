import type { Key } from '~/app/locale';
import type { Values } from '~core/i18n';
import { actorName, type Notice } from '~core/wire';

type T = (k: Key, v?: Values) => string;

/** The kinds, the most urgent first (shared/notice). */
export const kinds = ['mention', 'assigned', 'reply', 'team', 'new'] as const;

/** What a notice is about, in one line. */
export function headline(n: Notice, t: T): string {
  const kind = kinds.find((k) => k === n.kind);
  return kind ? t(`notice.${kind}`, { who: actorName(n.who) || t('notice.somebody') }) : n.subject;
}
