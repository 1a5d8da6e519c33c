/** The kinds of step: how they are drawn and grouped, and what one says of itself in a line. */
import {
  ArrowRightLeft,
  BookOpen,
  Bot,
  Braces,
  CalendarDays,
  CircleCheck,
  CircleHelp,
  GitBranch,
  ListPlus,
  type LucideIcon,
  MailCheck,
  MessageSquare,
  PencilLine,
  Tag,
  Ticket as TicketIcon,
  Webhook,
} from 'lucide-react';
import type { useT } from '~/app/locale';
import type { BotStep } from '~core/wire';
import { type Exit, type Kind, standsIn } from './graph';

export type T = ReturnType<typeof useT>['t'];

/** One hue of the tokens' avatars for each group. */
export const groups: { id: 'say' | 'ask' | 'know' | 'decide' | 'people' | 'advanced'; hue: number; kinds: Kind[] }[] = [
  { id: 'say', hue: 4, kinds: ['message', 'meeting', 'end'] },
  { id: 'ask', hue: 1, kinds: ['question', 'subscribe', 'article'] },
  { id: 'know', hue: 6, kinds: ['set', 'tag', 'list'] },
  { id: 'decide', hue: 3, kinds: ['branch', 'flow'] },
  { id: 'people', hue: 2, kinds: ['handoff', 'ticket'] },
  { id: 'advanced', hue: 5, kinds: ['webhook', 'code'] },
];

export const icons: Record<Kind, LucideIcon> = {
  message: MessageSquare,
  question: CircleHelp,
  set: PencilLine,
  subscribe: MailCheck,
  branch: GitBranch,
  meeting: CalendarDays,
  handoff: ArrowRightLeft,
  webhook: Webhook,
  code: Braces,
  tag: Tag,
  list: ListPlus,
  ticket: TicketIcon,
  article: BookOpen,
  flow: Bot,
  end: CircleCheck,
};

export const hueOf = (kind: Kind): number => groups.find((g) => g.kinds.includes(kind))?.hue ?? 1;

export const kindName = (t: T, kind: Kind): string => t(`bots.kind.${kind}`);

export const nameOf = (t: T, s: BotStep): string => s.name || kindName(t, s.kind);

/** What an exit is called. */
export function exitName(t: T, s: BotStep, e: Exit): string {
  if (e.label) return e.label;
  if (e.name === 'fail') return t('bots.exit.fail');
  if (e.name === 'helped') return t('bots.exit.helped');
  if (e.name === 'away') return t('bots.exit.away');
  if (e.name) return s.kind === 'branch' ? t('bots.exit.branch') : e.name;
  if (s.kind === 'branch') return t('bots.exit.else');
  return s.question?.choices?.length ? t('bots.exit.rest') : t('bots.exit.next');
}

/** Where an exit leads that names no step. */
export const openEnd = (t: T, s: BotStep, e: Exit): string => (standsIn(s, e) ? t('bots.exit.asNext') : t('bots.exit.nowhere'));

/** A step in one line: its words, or what it does. */
export function summary(t: T, s: BotStep): string {
  const empty = t('bots.notFilled');
  switch (s.kind) {
    case 'message':
      return (s.message?.bubbles ?? []).map((b) => b.text || b.alt || b.label || b.link || b.file?.name || '').find(Boolean) ?? empty;
    case 'question':
      return s.question?.text || empty;
    case 'set':
      return s.set?.property ? t('bots.setTo', { property: s.set.property, value: s.set.value || '–' }) : empty;
    case 'subscribe':
      return s.subscribe?.text || empty;
    case 'branch':
      return t('bots.branches', { count: s.branch?.branches.length ?? 0 });
    case 'meeting':
      return s.meeting?.text || empty;
    case 'handoff':
      return s.handoff?.text || t(`bots.to.${s.handoff?.to ?? 'routing'}`);
    case 'webhook':
      return s.webhook?.url || empty;
    case 'code':
      return t('bots.codeLines', { count: (s.code?.source ?? '').trim().split('\n').length });
    case 'tag':
      return t('bots.tagCount', { add: s.tag?.add?.length ?? 0, remove: s.tag?.remove?.length ?? 0 });
    case 'list':
      return s.list?.list ? t(s.list.remove ? 'bots.listTakes' : 'bots.listPuts') : empty;
    case 'ticket':
      return s.ticket?.subject || t('bots.ticketOwn');
    case 'article':
      return s.article?.text || empty;
    case 'flow':
      return s.flow?.flow ? t('bots.goesOn') : empty;
    case 'end':
      return s.end?.text || (s.end?.close ? t('bots.closes') : t('bots.ends'));
  }
}
