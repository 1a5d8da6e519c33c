import { Link } from '@tanstack/react-router';
import {
  Ban,
  Check,
  CircleDashed,
  Funnel,
  Inbox,
  type LucideIcon,
  MailX,
  MessageCirclePlus,
  RotateCcw,
  ShieldAlert,
  Split,
  Undo2,
  UserRound,
  UserRoundPen,
} from 'lucide-react';
import { type Key, Text, useT } from '~/app/locale';
import { useMe } from '~/app/services';
import { useInbox } from '~/app/unread';
import { Icon } from '~/ui/Icon';
import { clock, full } from '~core/time';
import { actorName, type Entry, type Summary } from '~core/wire';
import s from './EventLine.module.css';
import { filedText } from './filed';
import { useOriginal } from './MailMenu';

const icons: Record<string, LucideIcon> = {
  'thread.opened': MessageCirclePlus,
  'thread.closed': Check,
  'thread.reopened': RotateCcw,
  'thread.contact-changed': UserRoundPen,
  'message.bounced': MailX,
  'message.complained': ShieldAlert,
  'message.withdrawn': Undo2,
};

/** What happened beside the messages, and by whom. */
export function EventLine({ head, entry }: { head: Summary; entry: Entry }) {
  const { t, locale } = useT();
  const me = useMe();
  const actor = whoOf(head, entry, t) || t('event.parley');
  const to = entry.assigned?.to;
  const values = {
    actor,
    to: to?.name || to?.id || entry.contactChanged?.contact.name || entry.contactChanged?.contact.address || '',
    type: entry.type,
    address: entry.bounced?.address ?? entry.complained?.address ?? '',
    reason: entry.bounced?.reason ?? (entry.filed?.why ? filedText(entry.filed.why, t) : ''),
  };
  return (
    <div className={s.line}>
      <Icon as={iconOf(entry)} size="xs" />
      <span>
        <Text k={textKey(head, entry, me.id)} values={values} bold={['actor', 'to', 'address']} />
        {entry.opened?.origin && <Origin inbox={entry.opened.inbox} thread={entry.opened.origin} />}
        {(entry.bounced?.raw || entry.complained?.raw) && <Report thread={head.id} seq={entry.seq} />}
      </span>
      <time dateTime={entry.at} title={full(locale, entry.at)}>
        {clock(locale, entry.at)}
      </time>
    </div>
  );
}

/** Who did it; a visitor without a name is known by address, not by an id that says nothing. "" is nobody. */
function whoOf(head: Summary, e: Entry, t: (k: Key) => string): string {
  if (e.actor.kind === 'system') return '';
  if (e.actor.kind !== 'visitor' || e.actor.name) return actorName(e.actor);
  const contact = e.opened?.contact ?? head.contact;
  return (contact.id === e.actor.id && contact.address) || (head.channel === 'chat' ? t('chat.visitor') : actorName(e.actor));
}

/** The way back to the conversation that this one's first mail answered. */
export function Origin({ inbox, thread }: { inbox: string; thread: string }) {
  const { t } = useT();
  const here = useInbox();
  return (
    <Link className={s.more} to="/inbox/$inbox/$view/{-$thread}" params={{ inbox: here?.id ?? inbox, view: 'open', thread }}>
      <Icon as={Split} size="xs" /> {t('event.origin')}
    </Link>
  );
}

function Report({ thread, seq }: { thread: string; seq: number }) {
  const { t } = useT();
  const original = useOriginal(thread, seq);
  return (
    <button type="button" className={s.more} onClick={() => original('text')}>
      {t('event.report')}
    </button>
  );
}

function iconOf(e: Entry): LucideIcon {
  if (e.assigned) return e.assigned.to ? UserRound : CircleDashed;
  if (e.filed) return e.filed.folder === 'spam' ? Ban : e.filed.folder === 'filtered' ? Funnel : Inbox;
  return icons[e.type] ?? MessageCirclePlus;
}

const reopened: Record<string, Key> = { message: 'event.reopenedMessage', reply: 'event.reopenedReply', bounce: 'event.reopenedBounce' };

function textKey(head: Summary, e: Entry, me: string): Key {
  if (e.opened && head.channel === 'chat') return 'event.openedChat';
  if (e.opened && e.actor.kind === 'agent') return 'event.openedAgent';
  if (e.opened) return e.actor.kind === 'visitor' ? 'event.openedBy' : 'event.opened';
  if (e.assigned) {
    if (!e.assigned.to) return 'event.unassigned';
    if (e.assigned.to.id === e.actor.id) return 'event.took';
    return e.assigned.to.id === me ? 'event.assignedYou' : 'event.assigned';
  }
  if (e.filed) return filedKey(e);
  if (e.contactChanged) return e.actor.kind === 'agent' ? 'event.contact' : 'event.contactAuto';
  if (e.withdrawn) return 'event.withdrawn';
  if (e.retried) return 'event.retried';
  if (e.type === 'thread.undelivered-seen') return 'event.undeliveredSeen';
  if (e.bounced) return e.bounced.doubtful ? 'event.bouncedDoubtful' : 'event.bounced';
  if (e.complained) return 'event.complained';
  if (e.type === 'thread.closed') return 'event.closed';
  if (e.reopened) return reopened[e.reopened.cause] ?? 'event.reopened';
  return 'event.unknown';
}

/** A filter's decision comes with the mail, so its actor is who wrote; only an agent files by hand. */
function filedKey(e: Entry): Key {
  const folder = e.filed?.folder;
  const why = e.filed?.why?.rule;
  if (!folder) return why === 'reply' ? 'event.inboxedReply' : why === 'passed' ? 'event.inboxedPassed' : 'event.inboxed';
  if (e.actor.kind === 'agent') return folder === 'spam' ? 'event.spam' : 'event.filtered';
  return folder === 'spam' ? 'event.spamAuto' : 'event.filteredAuto';
}
