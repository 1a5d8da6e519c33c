import { Link } from '@tanstack/react-router';
import {
  AlarmClock,
  AlarmClockOff,
  AtSign,
  Ban,
  Bot,
  Check,
  ChevronsUp,
  CircleDashed,
  Funnel,
  Inbox,
  type LucideIcon,
  MailX,
  MessageCirclePlus,
  Replace,
  RotateCcw,
  Route,
  ShieldAlert,
  Split,
  Tag,
  Ticket,
  Trash2,
  Undo2,
  UserRound,
  UserRoundPen,
  UsersRound,
} from 'lucide-react';
import { lazy, Suspense } from 'react';
import { type Key, laterWords, Text, useT } from '~/app/locale';
import { useMe } from '~/app/services';
import { useInbox } from '~/app/unread';
import { Icon } from '~/ui/Icon';
import { clock, full, isZero } from '~core/time';
import { actorName, type Entry, type Summary } from '~core/wire';
import { useBot } from './BotBanner';
import s from './EventLine.module.css';
import { filedText } from './filed';
import { useOriginal } from './MailMenu';

/** With its words, which the pages of routing have too. */
const RoutingWhy = lazy(async () => {
  const [m] = await Promise.all([import('~/features/routing/RoutingWhy'), laterWords()]);
  return { default: m.RoutingWhy };
});

const icons: Record<string, LucideIcon> = {
  'thread.opened': MessageCirclePlus,
  'thread.closed': Check,
  'thread.reopened': RotateCcw,
  'thread.contact-changed': UserRoundPen,
  'thread.tagged': Tag,
  'ticket.made': Ticket,
  'thread.moved': Replace,
  'thread.prioritised': ChevronsUp,
  'thread.snoozed': AlarmClock,
  'thread.woken': AlarmClockOff,
  'mention.seen': AtSign,
  'bot.started': Bot,
  'bot.ended': Bot,
  'message.bounced': MailX,
  'message.complained': ShieldAlert,
  'message.withdrawn': Undo2,
};

/** What happened beside the messages, and by whom. */
export function EventLine({ head, entry, last, works }: { head: Summary; entry: Entry; last?: boolean; works?: boolean }) {
  const { t, locale } = useT();
  const me = useMe();
  const actor = whoOf(head, entry, t) || t('event.parley');
  const to = entry.assigned?.to;
  const list = (names: string[]) => new Intl.ListFormat(locale).format(names);
  const values = {
    actor,
    to: to?.name || to?.id || entry.moved?.to.name || entry.contactChanged?.contact.name || entry.contactChanged?.contact.address || '',
    type: entry.type,
    address: entry.bounced?.address ?? entry.complained?.address ?? '',
    team: entry.assigned?.team?.name || entry.assigned?.team?.id || '',
    tags: list((entry.tagged?.added ?? entry.tagged?.removed ?? []).map((g) => g.name)),
    off: list((entry.tagged?.removed ?? []).map((g) => g.name)),
    priority: t(`priority.${entry.prioritised?.priority || 'normal'}`),
    when: entry.snoozed?.until && !isZero(entry.snoozed.until) ? full(locale, entry.snoozed.until) : '',
    number: entry.ticket?.number ?? '',
    subject: entry.ticket?.subject || t('thread.noSubject'),
    bot: entry.botStarted?.name || entry.botEnded?.name || entry.botStarted?.flow || entry.botEnded?.flow || '',
    reason: entry.bounced?.reason ?? (entry.filed?.why ? filedText(entry.filed.why, t) : ''),
  };
  return (
    <div className={s.line} id={`entry-${entry.seq}`}>
      <Icon as={iconOf(entry)} size="xs" />
      <span>
        <Text k={textKey(head, entry, me.id)} values={values} bold={['actor', 'bot', 'to', 'address', 'team', 'tags', 'off', 'priority']} />
        {entry.assigned?.routing && (
          <Suspense>
            <RoutingWhy routing={entry.assigned.routing} />
          </Suspense>
        )}
        {entry.botEnded && works && last && head.status === 'open' && !head.bot && <HandBack thread={head.id} />}
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

function HandBack({ thread }: { thread: string }) {
  const { t } = useT();
  const { mutate, isPending } = useBot(thread);
  return (
    <button type="button" className={s.more} disabled={isPending} onClick={() => mutate(true)}>
      {t('bot.back')}
    </button>
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
  if (e.assigned) return e.assigned.routing ? Route : e.assigned.to ? UserRound : e.assigned.team?.id ? UsersRound : CircleDashed;
  if (e.filed) return e.filed.folder === 'spam' ? Ban : e.filed.folder === 'filtered' ? Funnel : e.filed.folder === 'trash' ? Trash2 : Inbox;
  return icons[e.type] ?? MessageCirclePlus;
}

const botEnds: Record<string, Key> = {
  completed: 'event.bot.completed',
  abandoned: 'event.bot.abandoned',
  taken: 'event.bot.taken',
  asked: 'event.bot.asked',
  again: 'event.bot.again',
  unanswered: 'event.bot.unanswered',
  failed: 'event.bot.failed',
  gone: 'event.bot.gone',
  stuck: 'event.bot.broken',
  loop: 'event.bot.broken',
  missing: 'event.bot.broken',
};

const reopened: Record<string, Key> = { message: 'event.reopenedMessage', reply: 'event.reopenedReply', bounce: 'event.reopenedBounce' };

function textKey(head: Summary, e: Entry, me: string): Key {
  if (e.opened && head.channel === 'chat') return 'event.openedChat';
  if (e.opened && e.actor.kind === 'agent') return 'event.openedAgent';
  if (e.opened) return e.actor.kind === 'visitor' ? 'event.openedBy' : 'event.opened';
  if (e.assigned) return assignedKey(e.assigned, e.actor.id, me);
  if (e.botStarted) return e.actor.kind === 'agent' ? 'event.bot.back' : 'event.bot.started';
  if (e.botEnded) return botEnds[e.botEnded.why] ?? 'event.bot.step';
  if (e.tagged) return !e.tagged.removed?.length ? 'event.tagged' : !e.tagged.added?.length ? 'event.untagged' : 'event.retagged';
  if (e.ticket) return 'event.ticket';
  if (e.moved) return 'event.moved';
  if (e.prioritised) return 'event.prioritised';
  if (e.snoozed) return e.snoozed.until && !isZero(e.snoozed.until) ? 'event.snoozed' : 'event.snoozedReply';
  if (e.woken) return `event.woken.${e.woken.cause}`;
  if (e.type === 'mention.seen') return 'event.mentionSeen';
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

type Assigned = NonNullable<Entry['assigned']>;

/** An owner, a team, or both; by hand or by the rules. `team` with an empty id takes the team off. */
function assignedKey(a: Assigned, actor: string | undefined, me: string): Key {
  const team = !!a.team?.id;
  if (a.routing) {
    if (a.to) return team ? 'event.routedBoth' : 'event.routed';
    return team ? 'event.routedTeam' : a.routing.waits ? 'event.routingWaits' : 'event.routedNobody';
  }
  if (a.to && team) return 'event.assignedBoth';
  if (a.to) return a.to.id === actor ? 'event.took' : a.to.id === me ? 'event.assignedYou' : 'event.assigned';
  if (team) return 'event.assignedTeam';
  return a.team ? 'event.teamOff' : 'event.unassigned';
}

/** A filter's decision comes with the mail, so its actor is who wrote; only an agent files by hand. */
function filedKey(e: Entry): Key {
  const folder = e.filed?.folder;
  const why = e.filed?.why?.rule;
  if (!folder) return why === 'reply' ? 'event.inboxedReply' : why === 'passed' ? 'event.inboxedPassed' : 'event.inboxed';
  if (folder === 'trash') return 'event.trashed';
  if (e.actor.kind === 'agent') return folder === 'spam' ? 'event.spam' : 'event.filtered';
  return folder === 'spam' ? 'event.spamAuto' : 'event.filteredAuto';
}
