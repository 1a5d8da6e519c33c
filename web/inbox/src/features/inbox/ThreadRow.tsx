import { Clock, Lock, Mail, MessageCircle, Paperclip, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useT } from '~/app/locale';
import { useMe } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import { ago, full, isZero, span } from '~core/time';
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
}

export const ThreadRow = memo(function ThreadRow({ row, top, now, active, open, go }: Props) {
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
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => go(h.id)}
    >
      <Avatar id={h.contact.id} name={h.contact.name} address={h.contact.address}>
        <i className={s.channel}>
          <Icon as={h.channel === 'chat' ? MessageCircle : Mail} size="xxs" />
        </i>
      </Avatar>
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
        <Waiting head={h} now={now} />
        {h.files > 0 && (
          <Tag title={t('row.files', { count: h.files })}>
            <Icon as={Paperclip} size="xs" />
            {h.files}
            <span className="sr">{t('row.files', { count: h.files })}</span>
          </Tag>
        )}
        {h.problems > 0 && (
          <Tag tone="warn" title={t('row.problems', { count: h.problems })}>
            <Icon as={TriangleAlert} size="xs" />
            <span className="sr">{t('row.problems', { count: h.problems })}</span>
          </Tag>
        )}
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
