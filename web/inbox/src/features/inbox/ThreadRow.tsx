import { AlarmClock, Check, Clock, Lock, Mail, MessageCircle, Paperclip, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useT } from '~/app/locale';
import { useMe } from '~/app/services';
import { PriorityTag } from '~/features/work/PriorityTag';
import { TagDot } from '~/features/work/TagDot';
import { Avatar } from '~/ui/Avatar';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import { ago, full, isZero, short, span } from '~core/time';
import type { Row, Summary, View } from '~core/wire';
import { contactName } from '../thread/contact';
import s from './ThreadRow.module.css';

interface Props {
  row: Row;
  top: number;
  view: View;
  now: number;
  active: boolean;
  open: boolean;
  go: (id: string) => void;
  /** some are picked, so a click on the picture picks too */
  picking: boolean;
  picked: boolean;
  /** absent where there is nothing to do to what is picked */
  pick?: (id: string, range: boolean) => void;
}

export const ThreadRow = memo(function ThreadRow({ row, top, now, active, open, go, picking, picked, pick }: Props) {
  const { t, locale } = useT();
  const h = row.thread;
  const unread = h.seq > row.readSeq;
  const name = contactName(h, t);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox keeps the focus and names the active option
    <div
      role="option"
      id={`row-${h.id}`}
      aria-selected={open}
      className={`${s.row} ${unread ? s.unread : ''}`}
      data-active={active || undefined}
      data-picked={picked || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => go(h.id)}
    >
      <div className={s.face} data-picking={picking || undefined} data-pick={pick ? true : undefined}>
        <Avatar id={h.contact.id} name={h.contact.name} address={h.contact.address}>
          <i className={s.channel}>
            <Icon as={h.channel === 'chat' ? MessageCircle : Mail} size="xxs" />
          </i>
        </Avatar>
        {pick && (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer alone; the keyboard has x
          // biome-ignore lint/a11y/useKeyWithClickEvents: for the pointer alone; the keyboard has x
          <span
            className={s.pick}
            data-testid="pick"
            onClick={(e) => {
              e.stopPropagation();
              pick(h.id, e.shiftKey);
            }}
          >
            <i>{picked && <Icon as={Check} size="xs" />}</i>
          </span>
        )}
        {picked && <span className="sr">{t('bulk.isPicked')}</span>}
      </div>
      <div className={s.top}>
        <b>{name}</b>
        <time dateTime={h.activeAt} title={full(locale, h.activeAt)}>
          {ago(locale, h.activeAt, now)}
        </time>
      </div>
      <p className={s.preview}>
        <Preview head={h} />
      </p>
      <div className={s.foot}>
        <span className={s.marks}>
          <PriorityTag priority={h.priority} small />
          <Snoozed head={h} />
          <Waiting head={h} now={now} />
          {h.problems > 0 && (
            <Tag tone="warn" title={t('row.problems', { count: h.problems })}>
              <Icon as={TriangleAlert} size="xs" />
              <span className="sr">{t('row.problems', { count: h.problems })}</span>
            </Tag>
          )}
          {h.tags?.slice(0, 2).map((g) => (
            <Tag key={g.id}>
              <TagDot id={g.id} />
              <span className={s.tag}>{g.name}</span>
            </Tag>
          ))}
          {(h.tags?.length ?? 0) > 2 && <Tag title={h.tags?.map((g) => g.name).join(', ')}>+{(h.tags?.length ?? 0) - 2}</Tag>}
          {h.files > 0 && (
            <Tag title={t('row.files', { count: h.files })}>
              <Icon as={Paperclip} size="xs" />
              {h.files}
              <span className="sr">{t('row.files', { count: h.files })}</span>
            </Tag>
          )}
        </span>
        <span className={s.end}>
          {unread && (
            <span className={s.dot}>
              <span className="sr">{t('row.unread')}</span>
            </span>
          )}
          {h.assignee && (
            <Avatar id={h.assignee.id} name={h.assignee.name} size="xs" label={t('row.assignee', { name: h.assignee.name || h.assignee.id })} />
          )}
        </span>
      </div>
    </div>
  );
});

function Preview({ head }: { head: Summary }) {
  const { t } = useT();
  const me = useMe();
  const mine = head.previewBy.kind === 'agent';
  const who = head.previewBy.id === me.id ? t('row.you') : head.previewBy.name;
  return (
    <>
      {head.previewNote && (
        <span className={s.note}>
          <Icon as={Lock} size="xxs" />
        </span>
      )}
      {mine && who ? `${who}: ` : head.subject && <em>{head.subject}</em>}
      {!mine && head.subject && ' – '}
      {head.preview}
    </>
  );
}

/** When a snoozed conversation comes back. */
function Snoozed({ head }: { head: Summary }) {
  const { t, locale } = useT();
  if (!head.snooze) return null;
  const until = isZero(head.snooze.until) ? '' : head.snooze.until;
  return (
    <Tag tone="info" title={until ? full(locale, until) : undefined}>
      <Icon as={AlarmClock} size="xs" />
      {until ? t('row.snoozed', { when: short(locale, until) }) : t('row.snoozedReply')}
    </Tag>
  );
}

const hour = 3_600_000;

/** How long the contact has waited for an answer. */
function Waiting({ head, now }: { head: Summary; now: number }) {
  const { t, locale } = useT();
  if (!head.waitingSince || isZero(head.waitingSince)) return null;
  const ms = now - Date.parse(head.waitingSince);
  if (ms < 60_000) return null;
  return (
    <Tag tone={ms > hour ? 'warn' : 'plain'} title={t('row.waitingSince', { when: full(locale, head.waitingSince) })}>
      <Icon as={Clock} size="xs" />
      {t('row.waiting', { span: span(locale, ms) })}
    </Tag>
  );
}
