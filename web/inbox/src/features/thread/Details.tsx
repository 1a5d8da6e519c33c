import { useT } from '~/app/locale';
import { useInbox } from '~/app/unread';
import { ContactPanel } from '~/features/people/ContactPanel';
import { TagDot } from '~/features/work/TagDot';
import { Avatar } from '~/ui/Avatar';
import { MailAddress } from '~/ui/Mail';
import { Tag } from '~/ui/Tag';
import { full, isZero } from '~core/time';
import type { ThreadView } from '~core/wire';
import { contactName } from './contact';
import s from './Details.module.css';

/** What the thread says of its contact and of itself. */
export function Details({ view, tag }: { view: ThreadView; tag?: () => void }) {
  const { t, locale } = useT();
  const { contact, ...h } = view.thread;
  const account = useInbox()?.accounts.find((a) => a.id === h.account);
  const others = view.participants.filter((p) => p.email !== contact.address && p.email !== account?.address);
  return (
    <div className={s.details}>
      <div className={s.card}>
        <Avatar id={contact.id} name={contact.name} address={contact.address} size="lg" />
        <div>
          <h2>{contactName(view.thread, t)}</h2>
          {contact.name && <p>{contact.address}</p>}
        </div>
      </div>
      <ContactPanel head={view.thread} />
      <section className={s.sec}>
        <h3>{t('details.thread')}</h3>
        <dl>
          <dt>{t('details.account')}</dt>
          <dd>
            <MailAddress>{account?.address || account?.name || h.account}</MailAddress>
          </dd>
          <dt>{t('details.owner')}</dt>
          <dd>{h.assignee ? h.assignee.name || h.assignee.id : t('assign.nobody')}</dd>
          {h.team && (
            <>
              <dt>{t('details.team')}</dt>
              <dd>{h.team.name || h.team.id}</dd>
            </>
          )}
          <dt>{t('details.status')}</dt>
          <dd>{h.status === 'closed' ? t('thread.closed') : t('thread.open')}</dd>
          <dt>{t('details.opened')}</dt>
          <dd>{full(locale, h.openedAt)}</dd>
          <dt>{t('details.active')}</dt>
          <dd>{full(locale, h.activeAt)}</dd>
          {h.waitingSince && !isZero(h.waitingSince) && (
            <>
              <dt>{t('details.waiting')}</dt>
              <dd>{full(locale, h.waitingSince)}</dd>
            </>
          )}
          <dt>{t('details.messages')}</dt>
          <dd>{h.messages}</dd>
          <dt>{t('details.priority')}</dt>
          <dd>{t(`priority.${h.priority || 'normal'}`)}</dd>
          <dt>{t('details.tags')}</dt>
          <dd className={s.tags}>
            {h.tags?.map((g) => (
              <Tag key={g.id}>
                <TagDot id={g.id} />
                {g.name}
              </Tag>
            ))}
            {tag && (
              <button type="button" className={s.edit} onClick={tag} title={`${t('tags.title')} (t)`}>
                {t(h.tags?.length ? 'details.editTags' : 'details.addTags')}
              </button>
            )}
            {!tag && !h.tags?.length && t('people.none')}
          </dd>
        </dl>
      </section>
      {others.length > 0 && (
        <section className={s.sec}>
          <h3>
            {t('details.participants')} <span>{others.length}</span>
          </h3>
          <ul>
            {others.map((p) => (
              <li key={p.email}>
                <Avatar id={p.email} name={p.name} address={p.email} size="sm" />
                <div>
                  {p.name && <b>{p.name}</b>}
                  <small>{p.email}</small>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
