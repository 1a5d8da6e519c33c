/** One company: what is known of it, its people, their conversations. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2 } from 'lucide-react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { colleaguesQuery, companyQuery, keys, membersQuery, propertiesQuery } from '~/app/queries';
import { companyRoute } from '~/app/router';
import { useMe, useServices } from '~/app/services';
import c from '~/features/people/ContactPage.module.css';
import { Table } from '~/features/people/ContactsPage';
import { Editable } from '~/features/people/Editable';
import s from '~/features/people/people.module.css';
import { Threads } from '~/features/people/Threads';
import { useValues } from '~/features/people/values';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { LogSkeleton } from '~/ui/Skeleton';
import { ApiError } from '~core/api';
import type { CompanyEdit, CompanyView } from '~core/wire';

export function CompanyPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const id = companyRoute.useParams().company;
  const query = useQuery(companyQuery(api, id));
  const view = query.data;
  const gone = query.error instanceof ApiError && query.error.code === 'notfound';
  return (
    <Page title={view?.company.name ?? t('companies.heading')}>
      {query.isPending ? (
        <LogSkeleton label={t('companies.loadingOne')} />
      ) : !view ? (
        <Failure title={t(gone ? 'companies.gone' : 'companies.failedOne')} error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Scroll label={view.company.name}>
          <div className={c.columns}>
            <section className={c.card} aria-label={t('details.about')}>
              <div className={c.who}>
                <Icon as={Building2} />
                <div>
                  <b>{view.company.name}</b>
                  <small>
                    {t('people.members', { count: view.people.count, shown: view.people.more ? `${view.people.count}+` : view.people.count })}
                  </small>
                </div>
              </div>
              <About view={view} may={me.role !== 'viewer'} />
            </section>
            <div className={c.main}>
              <People id={id} />
              <Conversations id={id} />
            </div>
          </div>
        </Scroll>
      )}
    </Page>
  );
}

function About({ view, may }: { view: CompanyView; may: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const { edit: fieldOf } = useValues();
  const properties = useQuery(propertiesQuery(api)).data ?? [];
  const { company } = view;
  const save = async (edit: CompanyEdit): Promise<string | undefined> => {
    try {
      client.setQueryData<CompanyView>(keys.company(company.id), await api.editCompany(company.id, edit, company.edition ?? 0));
      void client.invalidateQueries({ queryKey: keys.companies });
      return undefined;
    } catch (err) {
      if (err instanceof ApiError && err.status === 412) void client.invalidateQueries({ queryKey: keys.company(company.id) });
      return reason(err, t);
    }
  };
  const row = (key: string, label: string, value: string, more: Partial<Parameters<typeof Editable>[0]>, edit: (v: string) => CompanyEdit) => (
    <div key={key} className={s.row}>
      <dt>{label}</dt>
      <dd>{may ? <Editable label={label} value={value} {...more} save={(v) => save(edit(v))} /> : (more.shown ?? (value || t('people.none')))}</dd>
    </div>
  );
  return (
    <dl className={s.about}>
      {row('name', t('people.name'), company.name, {}, (name) => ({ name }))}
      {row('domains', t('companies.domains'), company.domains?.join(', ') ?? '', {}, (v) => ({
        domains: v
          .split(/[\s,;]+/)
          .map((d) => d.toLowerCase())
          .filter(Boolean),
      }))}
      {properties
        .filter((p) => p.of === 'company' && !p.hidden)
        .map((p) => {
          const value = company.props?.[p.id] ?? '';
          return row(p.id, p.name, value, fieldOf(p, value), (v) => ({ props: { [p.id]: v } }));
        })}
    </dl>
  );
}

function People({ id }: { id: string }) {
  const { t } = useT();
  const { api } = useServices();
  const list = useInfiniteQuery(membersQuery(api, id));
  const people = list.data?.pages.flatMap((p) => p.contacts) ?? [];
  return (
    <section>
      <h2 className={c.sub}>{t('companies.people')}</h2>
      {list.isError ? (
        <p className={s.quiet}>{t('companies.peopleFailed')}</p>
      ) : people.length > 0 ? (
        <Table people={people} />
      ) : (
        list.data && <p className={s.quiet}>{t('companies.nobody')}</p>
      )}
      {list.hasNextPage && (
        <p>
          <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
            {t('people.more')}
          </Button>
        </p>
      )}
    </section>
  );
}

function Conversations({ id }: { id: string }) {
  const { t } = useT();
  const { api } = useServices();
  const query = useQuery(colleaguesQuery(api, id, ''));
  const threads = query.data ?? [];
  const names = new Map(threads.map((x) => [x.thread.id, x.contact.name || x.contact.address || '']));
  return (
    <section>
      <h2 className={c.sub}>{t('companies.conversations')}</h2>
      {query.isError ? (
        <p className={s.quiet}>{t('people.pastFailed')}</p>
      ) : threads.length > 0 ? (
        <Threads threads={threads.map((x) => x.thread)} who={(h) => names.get(h.id) ?? ''} />
      ) : (
        query.data && <p className={s.quiet}>{t('companies.noConversations')}</p>
      )}
    </section>
  );
}
