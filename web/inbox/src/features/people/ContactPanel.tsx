/** Beside a conversation: who this is, what was said before, who else of their company writes, where on the website they were. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CalendarPlus, ExternalLink, UserPlus } from 'lucide-react';
import { useT } from '~/app/locale';
import { colleaguesQuery, companyQuery, keys, pagesQuery, pastQuery, personQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import details from '~/features/thread/Details.module.css';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import { ApiError } from '~core/api';
import { ago } from '~core/time';
import type { ContactView, Person, Summary } from '~core/wire';
import { About } from './About';
import s from './people.module.css';
import { Threads } from './Threads';
import { Tickets } from './Tickets';

export function ContactPanel({ head }: { head: Summary }) {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const id = head.contact.id;
  const query = useQuery(personQuery(api, id));
  const may = me.role !== 'viewer';
  if (query.isPending) return <RowsSkeleton label={t('people.loading')} />;
  if (query.isError && !query.data) {
    const gone = query.error instanceof ApiError && query.error.code === 'gone';
    return gone ? (
      <section className={details.sec}>
        <p className={s.quiet}>{query.error.message}</p>
      </section>
    ) : (
      <Failure title={t('people.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  const person = query.data.contact;
  return (
    <>
      {person.visitor && may && <Keep person={person} />}
      <section className={details.sec}>
        <h3>
          {t('details.about')}
          <Link className={s.open} to="/contacts/$contact" params={{ contact: id }}>
            {t('people.open')}
          </Link>
        </h3>
        <About person={person} may={may} />
        {me.meeting && (
          <a className={s.meet} href={me.meeting} target="_blank" rel="noreferrer">
            <Icon as={CalendarPlus} size="s" />
            {t('people.meeting')}
          </a>
        )}
      </section>
      <Tickets head={head} />
      <Past id={id} except={head.id} />
      {person.company && <Company id={person.company} except={id} />}
      {head.channel === 'chat' && <Pages id={id} />}
    </>
  );
}

/** A visitor becomes a contact by one click. */
function Keep({ person }: { person: Person }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const keep = () =>
    api
      .keepContact(person.id)
      .then((view) => {
        client.setQueryData<ContactView>(keys.contact(person.id), view);
        void client.invalidateQueries({ queryKey: keys.contacts });
      })
      .catch((err: unknown) => toasts.show(`${t('people.keepFailed')} ${reason(err, t)}`));
  return (
    <section className={s.keep}>
      <Button onClick={() => void keep()}>
        <Icon as={UserPlus} size="s" />
        {t('people.keep')}
      </Button>
    </section>
  );
}

function Past({ id, except }: { id: string; except: string }) {
  const { t } = useT();
  const { api } = useServices();
  const query = useQuery(pastQuery(api, id));
  const others = query.data?.threads.filter((h) => h.id !== except) ?? [];
  return (
    <section className={details.sec}>
      <h3>
        {t('people.past')} {others.length > 0 && <span>{query.data?.next ? `${others.length}+` : others.length}</span>}
      </h3>
      {query.isError ? (
        <p className={s.quiet}>{t('people.pastFailed')}</p>
      ) : others.length > 0 ? (
        <Threads threads={others.slice(0, 5)} />
      ) : (
        query.data && <p className={s.quiet}>{t('people.pastNone')}</p>
      )}
    </section>
  );
}

function Company({ id, except }: { id: string; except: string }) {
  const { t } = useT();
  const { api } = useServices();
  const company = useQuery(companyQuery(api, id)).data;
  const threads = useQuery(colleaguesQuery(api, id, except)).data ?? [];
  if (!company) return null;
  const names = new Map(threads.map((c) => [c.thread.id, c.contact.name || c.contact.address || '']));
  const n = company.people;
  return (
    <section className={details.sec}>
      <h3>{t('people.company')}</h3>
      <div className={s.company}>
        <Link to="/companies/$company" params={{ company: id }}>
          <b>{company.company.name}</b>
        </Link>
        <small>
          {[company.company.domains?.join(', '), t('people.members', { count: n.count, shown: n.more ? `${n.count}+` : n.count })]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </div>
      {threads.length > 0 && <Threads threads={threads.slice(0, 4).map((c) => c.thread)} who={(h) => names.get(h.id) ?? ''} />}
    </section>
  );
}

function Pages({ id }: { id: string }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const pages = useQuery(pagesQuery(api, id)).data ?? [];
  if (pages.length === 0) return null;
  return (
    <section className={details.sec}>
      <h3>{t('people.pages')}</h3>
      <ul className={s.threads}>
        {pages.map((p) => (
          <li key={p.url}>
            <a href={p.url} target="_blank" rel="noreferrer">
              <Icon as={ExternalLink} size="s" />
              <span>{p.title || p.url}</span>
              <time dateTime={p.at}>{ago(locale, p.at, Date.now())}</time>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
