import { CalendarX2, Check, CircleQuestionMark, MapPin, UserRound, UsersRound, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Key, useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import { isZero, leaf, when } from '~core/time';
import type { Calendar } from '~core/wire';
import s from './CalendarCard.module.css';
import { person } from './MailCard';
import { Linked } from './TextBody';

const methods: Record<string, Key> = {
  REQUEST: 'calendar.request',
  CANCEL: 'calendar.cancel',
  COUNTER: 'calendar.counter',
};

const answers: Record<string, { key: Key; icon: typeof Check; tone: 'ok' | 'bad' | 'warn' }> = {
  ACCEPTED: { key: 'calendar.accepted', icon: Check, tone: 'ok' },
  DECLINED: { key: 'calendar.declined', icon: X, tone: 'bad' },
  TENTATIVE: { key: 'calendar.tentative', icon: CircleQuestionMark, tone: 'warn' },
};

/** An invitation, or an answer to one: what, when in the reader's time zone, where, and with whom. */
export function CalendarCard({ event }: { event: Calendar }) {
  const { t, locale } = useT();
  const start = isZero(event.start) ? undefined : event.start;
  const day = start && leaf(locale, start, !!event.allDay);
  const organizer = event.organizer?.email ? person(event.organizer) : event.organizer?.name;
  const others = event.attendees ?? [];
  return (
    <section className={s.card} aria-label={t('calendar.label', { what: event.summary || t('calendar.untitled') })}>
      <div className={s.leaf} aria-hidden="true">
        {day ? (
          <>
            <small>{day.month}</small>
            <b>{day.day}</b>
          </>
        ) : (
          <Icon as={CalendarX2} />
        )}
      </div>
      <div className={s.what}>
        <p className={s.title}>
          <b className={event.method === 'CANCEL' ? s.off : undefined}>{event.summary || t('calendar.untitled')}</b>
          <Method event={event} />
        </p>
        <p>{start ? when(locale, start, event.end, !!event.allDay) : t('calendar.noTime')}</p>
        {event.location && (
          <Row icon={<Icon as={MapPin} size="xs" />} label={t('calendar.where')}>
            <Linked text={event.location} />
          </Row>
        )}
        {organizer && (
          <Row icon={<Icon as={UserRound} size="xs" />} label={t('calendar.organizer')}>
            {t('calendar.by', { name: organizer })}
          </Row>
        )}
        {others.length > 0 && event.method !== 'REPLY' && (
          <Row icon={<Icon as={UsersRound} size="xs" />} label={t('calendar.attendees')}>
            {others
              .slice(0, 4)
              .map((a) => a.name || a.email)
              .join(', ')}
            {others.length > 4 && ` ${t('calendar.more', { count: others.length - 4 })}`}
          </Row>
        )}
      </div>
    </section>
  );
}

function Method({ event }: { event: Calendar }) {
  const { t } = useT();
  if (event.method === 'REPLY') {
    const who = event.attendees?.[0];
    const name = who?.name || who?.email || t('thread.someone');
    const a = answers[event.status ?? ''];
    if (!a) return <Tag>{t('calendar.answered', { name })}</Tag>;
    return (
      <Tag tone={a.tone}>
        <Icon as={a.icon} size="xs" />
        <span>{t(a.key, { name })}</span>
      </Tag>
    );
  }
  return <Tag tone={event.method === 'CANCEL' ? 'bad' : 'info'}>{t(methods[event.method ?? ''] ?? 'calendar.event')}</Tag>;
}

function Row({ icon, label, children }: { icon: ReactNode; label: string; children: ReactNode }) {
  return (
    <p className={s.row}>
      {icon}
      <span className="sr">{label}: </span>
      <span>{children}</span>
    </p>
  );
}
