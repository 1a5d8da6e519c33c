/** The companies that people are of, by name. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Building2, Plus, Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { companiesQuery, keys, suggestQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import s from '~/features/people/ContactsPage.module.css';
import { Tabs } from '~/features/people/Tabs';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';

export function CompaniesPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const [q, setQ] = useState('');
  const [adding, setAdding] = useState(false);
  const typed = useDeferredValue(q.trim());
  const searching = typed.length >= 2;
  const list = useInfiniteQuery(companiesQuery(api));
  const found = useQuery({ ...suggestQuery(api, typed), enabled: searching });
  const companies = searching ? found.data?.companies : list.data?.pages.flatMap((p) => p.companies);
  const state = searching ? found : list;
  return (
    <Page
      title={t('companies.title')}
      lead={t('companies.lead')}
      actions={
        me.role !== 'viewer' && (
          <Button onClick={() => setAdding(true)}>
            <Icon as={Plus} size="s" />
            {t('companies.new')}
          </Button>
        )
      }
    >
      <Tabs />
      <search className={s.search}>
        <Icon as={Search} size="s" />
        <input
          type="search"
          value={q}
          onChange={(e) => setQ(e.target.value)}
          placeholder={t('companies.search')}
          aria-label={t('companies.search')}
          maxLength={200}
        />
      </search>
      {state.isPending ? (
        <RowsSkeleton label={t('companies.loading')} />
      ) : state.isError && !companies?.length ? (
        <Failure title={t('companies.failed')} error={state.error} retry={() => void state.refetch()} />
      ) : !companies?.length ? (
        <Empty
          icon={Building2}
          title={t(searching ? 'people.notFound' : 'companies.none')}
          text={searching ? t('people.notFoundText', { q: typed }) : t('companies.noneText')}
        />
      ) : (
        <Scroll label={t('companies.title')}>
          <table className={`${table.table} ${s.table}`}>
            <thead>
              <tr>
                <th scope="col">{t('people.name')}</th>
                <th scope="col">{t('companies.domains')}</th>
              </tr>
            </thead>
            <tbody>
              {companies.map((c) => (
                <tr key={c.id}>
                  <th scope="row">
                    <Link className={s.name} to="/companies/$company" params={{ company: c.id }}>
                      <Icon as={Building2} size="s" />
                      {c.name}
                    </Link>
                  </th>
                  <td>{c.domains?.join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {!searching && list.hasNextPage && (
            <p className={s.more}>
              <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
                {t('people.more')}
              </Button>
            </p>
          )}
        </Scroll>
      )}
      <Dialog open={adding} onClose={() => setAdding(false)} title={t('companies.new')}>
        <NewCompany close={() => setAdding(false)} />
      </Dialog>
    </Page>
  );
}

function NewCompany({ close }: { close: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState('');
  const submit = async () => {
    try {
      const made = await api.newCompany(name.trim());
      void client.invalidateQueries({ queryKey: keys.companies });
      close();
      await navigate({ to: '/companies/$company', params: { company: made.company.id } });
    } catch (err) {
      setWrong(reason(err, t));
    }
  };
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={t('people.name')}
        value={name}
        maxLength={200}
        data-first
        error={wrong}
        onChange={(e) => {
          setName(e.target.value);
          setWrong('');
        }}
      />
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={!name.trim()}>
          {t('companies.create')}
        </Button>
      </div>
    </form>
  );
}
