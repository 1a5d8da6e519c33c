/** What an inbox does not want among its mail: rules, the rate, and the lists of senders, beside the order in which they decide. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, Eye } from 'lucide-react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { filtersQuery, inboxesQuery, keys } from '~/app/queries';
import { useMay, useWorks } from '~/app/rights';
import { useServices } from '~/app/services';
import type { SectionProps } from '~/features/settings/sections';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { RowsSkeleton } from '~/ui/Skeleton';
import { Switch } from '~/ui/Switch';
import type { FilterChange, Filters, Inbox } from '~core/wire';
import { FilterList } from './FilterList';
import s from './FiltersPage.module.css';
import { Order } from './Order';
import { Rate } from './Rate';

export default function FiltersPage({ item }: SectionProps) {
  const { t } = useT();
  const { api } = useServices();
  const inboxes = useQuery(inboxesQuery(api));
  const inbox = inboxes.data?.find((i) => i.id === item) ?? (item ? undefined : inboxes.data?.[0]);
  return (
    <Page title={t('filters.title')} lead={t('filters.lead')} actions={inbox && <InboxChoice inbox={inbox} all={inboxes.data ?? []} />}>
      {inboxes.isPending ? (
        <RowsSkeleton label={t('filters.loading')} />
      ) : inboxes.isError ? (
        <Failure title={t('filters.failed')} error={inboxes.error} retry={() => void inboxes.refetch()} />
      ) : inbox ? (
        <InboxFilters key={inbox.id} inbox={inbox} />
      ) : (
        <Empty icon={Eye} title={t('noinbox.title')} text={t('noinbox.text')} />
      )}
    </Page>
  );
}

function InboxChoice({ inbox, all }: { inbox: Inbox; all: Inbox[] }) {
  const { t } = useT();
  const navigate = useNavigate();
  if (all.length < 2) return null;
  return (
    <Menu
      onSelect={(item) => void navigate({ to: '/settings/$section/{-$item}', params: { section: 'filters', item } })}
      groups={[{ items: all.map((i) => ({ value: i.id, label: i.name, checked: i.id === inbox.id })) }]}
      trigger={
        <Button aria-label={t('view.switch', { name: inbox.name })}>
          {inbox.name}
          <Icon as={ChevronDown} size="xs" />
        </Button>
      }
    />
  );
}

const rules = ['auto', 'marketing', 'roles', 'unsubscribe'] as const;

function InboxFilters({ inbox }: { inbox: Inbox }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const works = useWorks(inbox.id);
  const admin = useMay('admin');
  const filters = useQuery(filtersQuery(api, inbox.id));
  if (filters.isPending) return <RowsSkeleton label={t('filters.loading')} />;
  if (filters.isError) return <Failure title={t('filters.failed')} error={filters.error} retry={() => void filters.refetch()} />;
  const now = filters.data;
  const fixed = !admin;

  /** Shown at once; if the server refuses, it is as it was. */
  const change = async (to: FilterChange, back?: FilterChange): Promise<void> => {
    const key = keys.filters(inbox.id);
    client.setQueryData<Filters>(key, (f = now) => ({ rules: { ...f.rules, ...to.rules }, rate: to.rate ?? f.rate }));
    try {
      client.setQueryData(key, await api.setFilters(inbox.id, to));
      if (back) toasts.show(t('filters.saved'), { label: t('action.undo'), run: () => void change(back) });
    } catch (err) {
      client.setQueryData(key, now);
      toasts.show(`${t('filters.saveFailed')} ${reason(err, t)}`);
    }
  };

  return (
    <div className={s.columns}>
      <Scroll label={t('filters.title')}>
        <div className={s.body}>
          {(fixed || !works) && (
            <div className={s.fixed}>
              <Banner icon={Eye} tone="info">
                {t(!fixed ? 'filters.outside' : works ? 'filters.agents' : 'filters.readOnly')}
              </Banner>
            </div>
          )}
          <section className={s.group} aria-labelledby="filter-rules">
            <h2 id="filter-rules">{t('filters.rules')}</h2>
            <p>{t('filters.rulesText')}</p>
            <div className={s.card}>
              {rules.map((r) => (
                <Switch
                  key={r}
                  label={t(`filters.rule.${r}`)}
                  hint={t(`filters.rule.${r}.hint`)}
                  on={now.rules[r]}
                  fixed={fixed}
                  set={(on) => void change({ rules: { [r]: on } }, { rules: { [r]: now.rules[r] } })}
                />
              ))}
            </div>
          </section>
          <section className={s.group} aria-labelledby="filter-rate">
            <h2 id="filter-rate">{t('filters.rate')}</h2>
            <p>{t('filters.rateText')}</p>
            <div className={s.card}>
              <Rate key={now.rate} rate={now.rate} fixed={fixed} set={(rate) => void change({ rate }, { rate: now.rate })} />
            </div>
          </section>
          <FilterList inbox={inbox.id} list="deny" may={!works ? 'none' : admin ? 'all' : 'addresses'} />
          <FilterList inbox={inbox.id} list="allow" may={works && admin ? 'all' : 'none'} />
        </div>
      </Scroll>
      <Order filters={now} />
    </div>
  );
}
