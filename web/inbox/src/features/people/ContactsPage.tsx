/** Everybody who has written or was entered, the last active first; found by the beginning of a name, an address, a number. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ListPlus, Search, UserPlus, Users } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { contactListsQuery, contactsQuery, keys, suggestQuery } from '~/app/queries';
import { contactsRoute } from '~/app/router';
import { useMe, useServices } from '~/app/services';
import { ListForm } from '~/features/lists/ListForm';
import { Avatar } from '~/ui/Avatar';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import { ago } from '~core/time';
import type { ContactList, Person } from '~core/wire';
import s from './ContactsPage.module.css';
import { Tabs } from './Tabs';

export function ContactsPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const [q, setQ] = useState('');
  const [adding, setAdding] = useState(false);
  const typed = useDeferredValue(q.trim());
  const searching = typed.length >= 2;
  const chosen = contactsRoute.useSearch().list ?? '';
  const lists = useQuery(contactListsQuery(api)).data ?? [];
  const [editing, setEditing] = useState<ContactList | 'new'>();
  const list = useInfiniteQuery(contactsQuery(api, chosen));
  const navigate = useNavigate();
  const choose = (id: string) => void navigate({ to: '/contacts', search: id ? { list: id } : {} });
  const at = lists.find((l) => l.id === chosen);
  const may = me.role !== 'viewer';
  const found = useQuery({ ...suggestQuery(api, typed), enabled: searching, placeholderData: keepPreviousData });
  const people = searching ? found.data?.contacts : list.data?.pages.flatMap((p) => p.contacts);
  const state = searching ? found : list;
  return (
    <Page
      title={t('people.title')}
      lead={t('people.lead')}
      actions={
        may && (
          <Button onClick={() => setAdding(true)}>
            <Icon as={UserPlus} size="s" />
            {t('people.new')}
          </Button>
        )
      }
    >
      <Tabs />
      <div className={s.tools}>
        <search className={s.search}>
          <Icon as={Search} size="s" />
          <input
            type="search"
            value={q}
            onChange={(e) => setQ(e.target.value)}
            placeholder={t('people.search')}
            aria-label={t('people.search')}
            maxLength={200}
          />
        </search>
        <label>
          {t('lists.list')}
          <select className={s.select} value={chosen} onChange={(e) => choose(e.target.value)} disabled={searching}>
            <option value="">{t('lists.all')}</option>
            {lists.map((l) => (
              <option key={l.id} value={l.id}>
                {l.name}
              </option>
            ))}
          </select>
        </label>
        {may && at && <Button onClick={() => setEditing(at)}>{t('lists.edit')}</Button>}
        {may && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={ListPlus} size="s" />
            {t('lists.new')}
          </Button>
        )}
      </div>
      {state.isPending ? (
        <RowsSkeleton label={t('people.loadingAll')} />
      ) : state.isError && !people?.length ? (
        <Failure title={t('people.failedAll')} error={state.error} retry={() => void state.refetch()} />
      ) : !people?.length ? (
        <Empty
          icon={Users}
          title={t(searching ? 'people.notFound' : at ? 'lists.empty' : 'people.empty')}
          text={
            searching
              ? t('people.notFoundText', { q: typed })
              : t(at ? (list.hasNextPage ? 'lists.emptyYet' : at.kind ? 'lists.emptyHand' : 'lists.emptyText') : 'people.emptyText')
          }
        >
          {!searching && list.hasNextPage && (
            <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
              {t('lists.lookOn')}
            </Button>
          )}
        </Empty>
      ) : (
        <Scroll label={t('people.title')}>
          <Table people={people} />
          {!searching && list.hasNextPage && (
            <p className={s.more}>
              <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
                {t('people.more')}
              </Button>
            </p>
          )}
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'lists.new' : 'lists.edit')}>
        {editing && <ListForm list={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} choose={choose} />}
      </Dialog>
      <Dialog open={adding} onClose={() => setAdding(false)} title={t('people.new')}>
        <NewContact close={() => setAdding(false)} />
      </Dialog>
    </Page>
  );
}

export function Table({ people }: { people: Person[] }) {
  const { t, locale } = useT();
  return (
    <table className={`${table.table} ${s.table}`}>
      <thead>
        <tr>
          <th scope="col">{t('people.name')}</th>
          <th scope="col">{t('people.email')}</th>
          <th scope="col" className={s.wide}>
            {t('people.phone')}
          </th>
          <th scope="col" className={s.wide}>
            {t('people.active')}
          </th>
        </tr>
      </thead>
      <tbody>
        {people.map((p) => (
          <tr key={p.id}>
            <th scope="row">
              <Link className={s.name} to="/contacts/$contact" params={{ contact: p.id }}>
                <Avatar id={p.id} name={p.name} address={p.address} size="sm" />
                {p.name || p.address || p.phone || t('chat.visitor')}
              </Link>
            </th>
            <td>{p.address}</td>
            <td className={s.wide}>{p.phone}</td>
            <td className={s.wide}>{p.activeAt && <time dateTime={p.activeAt}>{ago(locale, p.activeAt, Date.now())}</time>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewContact({ close }: { close: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [edit, setEdit] = useState({ name: '', address: '', phone: '' });
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const field = (key: keyof typeof edit) => ({
    value: edit[key],
    onChange: (e: React.ChangeEvent<HTMLInputElement>) => {
      setEdit({ ...edit, [key]: e.target.value });
      setWrong('');
    },
  });
  const submit = async () => {
    setBusy(true);
    try {
      const made = await api.newContact(Object.fromEntries(Object.entries(edit).filter(([, v]) => v.trim())));
      void client.invalidateQueries({ queryKey: keys.contacts });
      close();
      await navigate({ to: '/contacts/$contact', params: { contact: made.contact.id } });
    } catch (err) {
      setWrong(reason(err, t));
    }
    setBusy(false);
  };
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field label={t('people.name')} {...field('name')} maxLength={256} data-first />
      <Field label={t('people.email')} type="email" {...field('address')} maxLength={254} />
      <Field label={t('people.phone')} type="tel" {...field('phone')} maxLength={40} />
      {wrong && (
        <p role="alert" className={s.wrong}>
          {wrong}
        </p>
      )}
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy}>
          {t('people.create')}
        </Button>
      </div>
    </form>
  );
}
