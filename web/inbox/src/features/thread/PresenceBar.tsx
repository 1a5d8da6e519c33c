/** Who else has this conversation open, and who of them types; both answers must not go out unseen. */
import { Eye, PenLine } from 'lucide-react';
import { Text, useT } from '~/app/locale';
import { usePresence } from '~/app/presence';
import { useMe, useServices } from '~/app/services';
import { Icon } from '~/ui/Icon';
import s from './PresenceBar.module.css';

export function PresenceBar({ thread }: { thread: string }) {
  const { locale } = useT();
  const { live } = useServices();
  const me = useMe();
  const p = usePresence(live.presence, thread);
  const types = p.typing.filter((w) => w.kind === 'agent' && w.id !== me.id);
  const views = p.viewers.filter((w) => w.id !== me.id && !types.some((x) => x.id === w.id));
  const list = (all: typeof types) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(all.map((w) => w.name || w.id || ''));
  return (
    <div className={s.bar} role="status" data-empty={types.length + views.length === 0 || undefined}>
      {types.length > 0 && (
        <span>
          <Icon as={PenLine} size="xs" />
          <Text k={types.length === 1 ? 'presence.types' : 'presence.typeMany'} values={{ names: list(types) }} bold={['names']} />
        </span>
      )}
      {views.length > 0 && (
        <span>
          <Icon as={Eye} size="xs" />
          <Text k={views.length === 1 ? 'presence.views' : 'presence.viewMany'} values={{ names: list(views) }} bold={['names']} />
        </span>
      )}
    </div>
  );
}

/** The visitor of a chat types. */
export function VisitorTypes({ thread, name }: { thread: string; name: string }) {
  const { t } = useT();
  const { live } = useServices();
  const p = usePresence(live.presence, thread);
  if (!p.typing.some((w) => w.kind === 'visitor')) return null;
  return (
    <p className={s.types}>
      <i aria-hidden="true" />
      <i aria-hidden="true" />
      <i aria-hidden="true" />
      {t('chat.types', { name })}
    </p>
  );
}
