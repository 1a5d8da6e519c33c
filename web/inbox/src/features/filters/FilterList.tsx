import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AtSign, Globe, Plus, X } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { filterEntryQuery, filterListQuery, keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { MailAddress } from '~/ui/Mail';
import { full } from '~core/time';
import { actorName, type Listed, type ListName } from '~core/wire';
import { entryOf } from './entry';
import s from './FilterList.module.css';
import page from './FiltersPage.module.css';

/** What of a list the user may change: domains and who is always let in are for admins. */
export type Changes = 'all' | 'addresses' | 'none';

interface Props {
  inbox: string;
  list: ListName;
  may: Changes;
}

/** Senders that are always let in, or never. */
export function FilterList(props: Props) {
  const { inbox, list, may } = props;
  const { t } = useT();
  const { api } = useServices();
  const entries = useInfiniteQuery(filterListQuery(api, inbox, list));
  const [search, setSearch] = useState('');
  const all = entries.data?.pages.flatMap((p) => p.entries) ?? [];
  const wanted = search.trim().toLowerCase();
  const seen = all.filter((e) => e.entry.includes(wanted));
  return (
    <section className={page.group} aria-labelledby={`filter-${list}`}>
      <h2 id={`filter-${list}`}>{t(`filters.${list}`)}</h2>
      <p>{t(`filters.${list}Text`)}</p>
      <div className={page.card}>
        {may !== 'none' && <Add {...props} />}
        {(all.length > 5 || entries.hasNextPage) && (
          <div className={s.search}>
            <Field
              label={t('filters.search')}
              type="search"
              value={search}
              onChange={(e) => setSearch(e.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </div>
        )}
        {entries.isPending ? (
          <p className={s.none} role="status">
            {t('filters.listLoading')}
          </p>
        ) : entries.isError && all.length === 0 ? (
          <Failure title={t('filters.listFailed')} error={entries.error} retry={() => void entries.refetch()} />
        ) : all.length === 0 ? (
          <p className={s.none}>{t(`filters.${list}None`)}</p>
        ) : (
          <ul aria-label={t(`filters.${list}`)}>
            {seen.map((e) => (
              <Entry key={e.entry} {...props} entry={e} />
            ))}
          </ul>
        )}
        {wanted && seen.length === 0 && <Exact {...props} wanted={wanted} more={entries.hasNextPage} />}
        {entries.hasNextPage && !wanted && (
          <button type="button" className={s.more} onClick={() => void entries.fetchNextPage()} aria-busy={entries.isFetchingNextPage}>
            {t(entries.isFetchNextPageError ? 'list.moreFailed' : 'filters.more')}
          </button>
        )}
      </div>
    </section>
  );
}

/** What is not among the entries that are loaded is looked up by its whole name. */
function Exact({ wanted, more, ...props }: Props & { wanted: string; more: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const entry = entryOf(wanted);
  const found = useQuery({ ...filterEntryQuery(api, props.inbox, props.list, entry ?? ''), enabled: more && !!entry });
  if (found.data) {
    return (
      <ul aria-label={t(`filters.${props.list}`)}>
        <Entry {...props} entry={found.data} />
      </ul>
    );
  }
  return (
    <p className={s.none} role="status">
      {more && !entry ? t('filters.searchWhole') : found.isFetching ? t('filters.listLoading') : t('filters.searchNone', { entry: wanted })}
    </p>
  );
}

function useChanges({ inbox, list, may }: Props) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: keys.filterList(inbox, list) });
  const put = async (entry: string): Promise<void> => {
    await api.addFilterEntry(inbox, list, entry);
    await renew();
  };
  const drop = async (entry: string): Promise<void> => {
    await api.removeFilterEntry(inbox, list, entry);
    await renew();
  };
  const failed = (k: 'filters.addFailed' | 'filters.removeFailed') => (err: unknown) => toasts.show(`${t(k)} ${reason(err, t)}`);
  return {
    may: (entry: string) => may === 'all' || (may === 'addresses' && entry.includes('@')),
    add: async (entry: string) => {
      await put(entry);
      toasts.show(t(`filters.${list}Added`, { entry }), {
        label: t('action.undo'),
        run: () => void drop(entry).catch(failed('filters.removeFailed')),
      });
    },
    remove: (entry: string) =>
      drop(entry).then(
        () =>
          toasts.show(t('filters.removed', { entry }), { label: t('action.undo'), run: () => void put(entry).catch(failed('filters.addFailed')) }),
        failed('filters.removeFailed'),
      ),
  };
}

function Add(props: Props) {
  const { t } = useT();
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const changes = useChanges(props);
  const add = (e: FormEvent) => {
    e.preventDefault();
    const entry = entryOf(text);
    field.current?.focus();
    if (!entry) return setError(t(text.trim() ? 'filters.entryWrong' : 'filters.entryMissing'));
    if (!changes.may(entry)) return setError(t('filters.onlyAddresses'));
    if (busy) return;
    setBusy(true);
    setError('');
    changes
      .add(entry)
      .then(
        () => setText(''),
        (err) => setError(reason(err, t)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <form className={s.add} onSubmit={add} noValidate>
      <Field
        ref={field}
        label={t(props.may === 'all' ? 'filters.entry' : 'filters.address')}
        hint={t(props.may === 'all' ? 'filters.entryHint' : 'filters.addressHint')}
        error={error}
        value={text}
        onChange={(e) => setText(e.target.value)}
        inputMode="email"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        after={
          <Button type="submit" aria-busy={busy}>
            <Icon as={Plus} size="s" />
            {t(`filters.${props.list}Add`)}
          </Button>
        }
      />
    </form>
  );
}

function Entry({ entry, ...props }: Props & { entry: Listed }) {
  const { t, locale } = useT();
  const changes = useChanges(props);
  const address = entry.entry.includes('@');
  return (
    <li className={s.entry}>
      <Icon as={address ? AtSign : Globe} size="s" />
      <div>
        <b>{address ? <MailAddress>{entry.entry}</MailAddress> : entry.entry}</b>
        <small>
          {t(address ? 'filters.by' : 'filters.byDomain', { name: actorName(entry.by) || t('event.parley'), when: full(locale, entry.at) })}
          {entry.thread && (
            <>
              {' '}
              <Link to="/inbox/$inbox/$view/{-$thread}" params={{ inbox: props.inbox, view: 'spam', thread: entry.thread }}>
                {t('filters.over')}
              </Link>
            </>
          )}
        </small>
      </div>
      {changes.may(entry.entry) && (
        <IconButton label={t('filters.remove', { entry: entry.entry })} small onClick={() => void changes.remove(entry.entry)}>
          <Icon as={X} size="s" />
        </IconButton>
      )}
    </li>
  );
}
