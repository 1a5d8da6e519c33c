import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useT } from '~/app/locale';
import { bodyQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { clock, full } from '~core/time';
import { type Address, actorName, type Entry, type MessageReceived, type MessageSent, type Summary } from '~core/wire';
import { listed } from './attached';
import { CalendarCard } from './CalendarCard';
import { Files } from './Files';
import s from './MailCard.module.css';
import { MailMenu } from './MailMenu';
import { MailTags } from './MailTags';
import { Problems } from './Problems';
import { Receipt } from './Receipt';
import { Sealed, sealed } from './Sealed';
import { TextBody } from './TextBody';

const MailFrame = lazy(() => import('./MailFrame'));

export function person(a: Address): string {
  return a.name ? `${a.name} <${a.email}>` : a.email;
}

/** A mail, in or out. */
export function MailCard({ head, entry, forward }: { head: Summary; entry: Entry; forward?: (seq: number) => void }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const [plain, setPlain] = useState(false);
  const thread = head.id;
  const m = entry.received ?? entry.sent;
  const html = !!m?.body.htmlRef && !plain;
  const far = useQuery({ ...bodyQuery(api, thread, entry.seq), enabled: html });
  if (!m) return null;
  const shown = html && !far.isError ? far.data?.html : '';
  const out = !!entry.sent;
  const name = (out && actorName(entry.actor)) || m.from.name || m.from.email || t('thread.someone');
  const id = out ? (entry.actor.id ?? m.from.email) : (entry.received?.contact.id ?? m.from.email);
  const words = !!(m.body.text || m.body.textRef); // else the preview only names a file
  const text = <TextBody thread={thread} seq={entry.seq} body={m.body} preview={words ? m.preview : ''} />;
  return (
    <article className={`${s.card} ${out ? s.out : ''}`} id={`entry-${entry.seq}`} aria-label={t(out ? 'mail.sentBy' : 'mail.from', { name })}>
      <header className={s.head}>
        <Avatar id={id} name={name} address={m.from.email} size="sm" />
        <div className={s.who}>
          <p>
            <b>{name}</b> {!out && m.from.name && <span>{m.from.email}</span>}
          </p>
          <Route to={m.to ?? []} cc={m.cc ?? []} />
        </div>
        <time dateTime={entry.at} title={full(locale, entry.at)}>
          {clock(locale, entry.at)}
        </time>
        <MailMenu head={head} entry={entry} plain={plain} setPlain={setPlain} forward={forward} />
      </header>
      {entry.received && <MailTags head={head} mail={entry.received} works={!!forward} />}
      {entry.received && (
        <div className={s.notices}>
          <Problems head={head} seq={entry.seq} mail={entry.received} />
          <Sealed thread={thread} seq={entry.seq} mail={entry.received} />
        </div>
      )}
      {(words || !sealed(entry.received)) && (
        <div className={`${s.body} ${shown ? s.page : ''}`}>{shown ? <HtmlBody html={shown} mail={m} text={text} /> : text}</div>
      )}
      {entry.received?.calendar?.map((c, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the events of a mail never change
        <CalendarCard key={i} event={c} />
      ))}
      <Files thread={thread} seq={entry.seq} files={listed(m.attachments ?? [], shown)} />
      {out && <Receipt thread={thread} entry={entry} works={!!forward} />}
    </article>
  );
}

/** More recipients than this wait behind a button. */
const named = 4;

function Route({ to, cc }: { to: Address[]; cc: Address[] }) {
  const { t } = useT();
  const [all, setAll] = useState(false);
  const rest = to.length + cc.length - named;
  const shown = all || rest < 2 ? to.length + cc.length : named;
  const firstTo = to.slice(0, shown);
  const firstCc = cc.slice(0, Math.max(0, shown - to.length));
  return (
    <p className={s.route}>
      {firstTo.length > 0 && t('mail.to', { list: firstTo.map(person).join(', ') })}
      {firstCc.length > 0 && ` · ${t('mail.cc', { list: firstCc.map(person).join(', ') })}`}
      {rest > 1 && (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('mail.fewer') : t('mail.others', { count: rest })}
        </button>
      )}
    </p>
  );
}

function HtmlBody({ html, mail, text }: { html: string; mail: MessageReceived | MessageSent; text: React.ReactNode }) {
  return (
    <Suspense fallback={text}>
      <MailFrame html={html} mail={mail} />
    </Suspense>
  );
}
