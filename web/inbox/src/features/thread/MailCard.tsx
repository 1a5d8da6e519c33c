import { useQuery } from '@tanstack/react-query';
import { UserRoundX } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useT } from '~/app/locale';
import { bodyQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import { clock, full } from '~core/time';
import { type Address, actorName, type Entry, type MessageReceived } from '~core/wire';
import { Files } from './Files';
import s from './MailCard.module.css';
import { MailMenu } from './MailMenu';
import { Problems } from './Problems';
import { Receipt } from './Receipt';
import { TextBody } from './TextBody';

const MailFrame = lazy(() => import('./MailFrame'));

export function person(a: Address): string {
  return a.name ? `${a.name} <${a.email}>` : a.email;
}

/** A mail, in or out. */
export function MailCard({ thread, entry }: { thread: string; entry: Entry }) {
  const { t, locale } = useT();
  const [plain, setPlain] = useState(false);
  const m = entry.received ?? entry.sent;
  if (!m) return null;
  const out = !!entry.sent;
  const name = out ? actorName(entry.actor) || m.from.name || m.from.email : m.from.name || m.from.email;
  const id = out ? (entry.actor.id ?? m.from.email) : (entry.received?.contact.id ?? m.from.email);
  const html = !!m.body.htmlRef && !plain;
  return (
    <article className={`${s.card} ${out ? s.out : ''}`} aria-label={t(out ? 'mail.sentBy' : 'mail.from', { name })}>
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
        {entry.received && <MailMenu thread={thread} entry={entry} plain={plain} setPlain={setPlain} />}
      </header>
      {entry.received?.thirdParty && (
        <p className={s.third}>
          <Tag tone="warn" title={t('mail.thirdPartyWhy')}>
            <Icon as={UserRoundX} size="xs" />
            {t('mail.thirdParty')}
          </Tag>
        </p>
      )}
      {entry.received && <Problems thread={thread} seq={entry.seq} mail={entry.received} />}
      <div className={s.body}>
        {html && entry.received ? (
          <HtmlBody thread={thread} seq={entry.seq} mail={entry.received} />
        ) : (
          <TextBody thread={thread} seq={entry.seq} body={m.body} preview={m.preview} />
        )}
      </div>
      <Files thread={thread} seq={entry.seq} files={m.attachments ?? []} />
      {out && <Receipt entry={entry} />}
    </article>
  );
}

function Route({ to, cc }: { to: Address[]; cc: Address[] }) {
  const { t } = useT();
  return (
    <p className={s.route}>
      {to.length > 0 && t('mail.to', { list: to.map(person).join(', ') })}
      {cc.length > 0 && ` · ${t('mail.cc', { list: cc.map(person).join(', ') })}`}
    </p>
  );
}

function HtmlBody({ thread, seq, mail }: { thread: string; seq: number; mail: MessageReceived }) {
  const { api } = useServices();
  const body = useQuery(bodyQuery(api, thread, seq));
  const text = <TextBody thread={thread} seq={seq} body={mail.body} preview={mail.preview} />;
  if (!body.data?.html) return text;
  const refs = (mail.attachments ?? []).map((a) => a.ref);
  return (
    <Suspense fallback={text}>
      <MailFrame html={body.data.html} refs={refs} />
    </Suspense>
  );
}
