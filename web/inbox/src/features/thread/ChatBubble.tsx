/** A message of a chat: the visitor's on the left, the team's on the right. */
import { Check, CheckCheck, ExternalLink, Globe, Image, Mail, Paperclip } from 'lucide-react';
import { useT } from '~/app/locale';
import { usePresence } from '~/app/presence';
import { useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Icon } from '~/ui/Icon';
import { bytes, clock, full } from '~core/time';
import { actorName, botFilePath, type Entry, type Summary } from '~core/wire';
import s from './ChatBubble.module.css';
import { contactName } from './contact';
import { Receipt } from './Receipt';
import { TextBody } from './TextBody';

interface Props {
  head: Summary;
  entry: Entry;
  /** the entry before it, to say once who speaks and where */
  before?: Entry;
  /** nothing of the team's comes after it */
  last: boolean;
  works: boolean;
}

export function ChatBubble({ head, entry, before, last, works }: Props) {
  const { t, locale } = useT();
  const { live } = useServices();
  const { seen } = usePresence(live.presence, head.id);
  const m = entry.received ?? entry.sent;
  if (!m) return null;
  const out = !!entry.sent;
  const name = out ? actorName(entry.actor) : m.from.name || contactName(head, t);
  const id = out ? (entry.actor.id ?? name) : head.contact.id;
  const speaker = (e?: Entry) => (e?.received || e?.sent ? `${e.actor.kind}${e.actor.id ?? ''}` : '');
  const goes = speaker(before) === speaker(entry) && Date.parse(entry.at) - Date.parse(before?.at ?? '') < 5 * 60_000;
  const page = entry.received?.chat?.page;
  const moved = page && page !== before?.received?.chat?.page;
  return (
    <article className={`${s.line} ${out ? s.out : ''}`} id={`entry-${entry.seq}`} aria-label={t(out ? 'mail.sentBy' : 'mail.from', { name })}>
      {!goes && (
        <header className={s.head}>
          <Avatar id={id} name={name} address={m.from.email} size="xs" />
          <b>{name}</b>
          <time dateTime={entry.at} title={full(locale, entry.at)}>
            {clock(locale, entry.at)}
          </time>
        </header>
      )}
      <div className={s.bubble}>
        <TextBody thread={head.id} seq={entry.seq} body={m.body} preview={m.preview} />
      </div>
      {entry.sent?.bot && <BotShows line={entry.sent.bot} account={head.account} />}
      {moved && (
        <p className={s.meta}>
          <Icon as={Globe} size="xs" />
          <a href={page} target="_blank" rel="noopener noreferrer">
            {entry.received?.chat?.title || page}
          </a>
        </p>
      )}
      {out && last && (
        <p className={s.meta}>
          <Icon as={seen >= entry.seq ? CheckCheck : Check} size="xs" />
          {t(seen >= entry.seq ? 'chat.seen' : 'chat.sent')}
        </p>
      )}
      {out && entry.delivery && (
        <div className={s.meta}>
          <Icon as={Mail} size="xs" />
          <Receipt thread={head.id} entry={entry} works={works} />
        </div>
      )}
    </article>
  );
}

/** What a bot showed besides its text. Pictures of other servers are named, not loaded; the team's own are shown. */
function BotShows({ line, account }: { line: NonNullable<NonNullable<Entry['sent']>['bot']>; account: string }) {
  const { t, locale } = useT();
  return (
    <>
      {line.image && (
        <p className={s.meta}>
          <Icon as={Image} size="xs" />
          <a href={line.image} target="_blank" rel="noopener noreferrer">
            {line.alt || line.image}
          </a>
        </p>
      )}
      {line.file?.picture && <img className={s.picture} src={botFilePath(account, line.file)} alt={line.alt ?? ''} loading="lazy" />}
      {line.file && !line.file.picture && (
        <p className={s.meta}>
          <Icon as={Paperclip} size="xs" />
          <a href={botFilePath(account, line.file)} target="_blank" rel="noopener noreferrer">
            {line.file.name}
          </a>
          <span>{bytes(locale, line.file.size)}</span>
        </p>
      )}
      {line.link && (
        <p className={s.meta}>
          <Icon as={ExternalLink} size="xs" />
          <a href={line.link} target="_blank" rel="noopener noreferrer">
            {line.label || line.link}
          </a>
        </p>
      )}
      {line.choices && line.choices.length > 0 && (
        <ul className={s.choices} aria-label={t('bot.choices')}>
          {line.choices.map((c) => (
            <li key={c}>{c}</li>
          ))}
        </ul>
      )}
    </>
  );
}
