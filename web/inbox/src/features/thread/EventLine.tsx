import { Check, CircleDashed, MailX, MessageCirclePlus, RotateCcw, ShieldAlert, UserRound } from 'lucide-react';
import { type Key, Text, useT } from '~/app/locale';
import { useMe } from '~/app/services';
import { Icon } from '~/ui/Icon';
import { clock, full } from '~core/time';
import { actorName, type Entry } from '~core/wire';
import s from './EventLine.module.css';

const icons = {
  'thread.opened': MessageCirclePlus,
  'thread.closed': Check,
  'thread.reopened': RotateCcw,
  'message.bounced': MailX,
  'message.complained': ShieldAlert,
} as const;

/** What happened beside the messages, and by whom. */
export function EventLine({ entry }: { entry: Entry }) {
  const { t, locale } = useT();
  const me = useMe();
  const actor = entry.actor.kind === 'system' || !actorName(entry.actor) ? t('event.parley') : actorName(entry.actor);
  const to = entry.assigned?.to;
  const icon = entry.assigned ? (to ? UserRound : CircleDashed) : (icons[entry.type as keyof typeof icons] ?? MessageCirclePlus);
  const values = {
    actor,
    to: to?.name || to?.id || '',
    type: entry.type,
    address: entry.bounced?.address ?? entry.complained?.address ?? '',
    reason: entry.bounced?.reason ?? '',
  };
  return (
    <div className={s.line}>
      <Icon as={icon} size="xs" />
      <span>
        <Text k={textKey(entry, me.id)} values={values} bold={['actor', 'to', 'address']} />
      </span>
      <time dateTime={entry.at} title={full(locale, entry.at)}>
        {clock(locale, entry.at)}
      </time>
    </div>
  );
}

const reopened: Record<string, Key> = { message: 'event.reopenedMessage', reply: 'event.reopenedReply', bounce: 'event.reopenedBounce' };

function textKey(e: Entry, me: string): Key {
  if (e.opened) return e.actor.kind === 'visitor' ? 'event.openedBy' : 'event.opened';
  if (e.assigned) {
    if (!e.assigned.to) return 'event.unassigned';
    if (e.assigned.to.id === e.actor.id) return 'event.took';
    return e.assigned.to.id === me ? 'event.assignedYou' : 'event.assigned';
  }
  if (e.bounced) return e.bounced.doubtful ? 'event.bouncedDoubtful' : 'event.bounced';
  if (e.complained) return 'event.complained';
  if (e.type === 'thread.closed') return 'event.closed';
  if (e.reopened) return reopened[e.reopened.cause] ?? 'event.reopened';
  return 'event.unknown';
}
