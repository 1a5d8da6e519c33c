/** Mail that could not be taken in: why, the original, and another try. What became of those that were tried again stands beside it. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RotateCw, ShieldCheck } from 'lucide-react';
import { Closed } from '~/app/Closed';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { everyQuery, keys, quarantineQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { quarantineRoute } from '~/app/router';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import type { Quarantined } from '~core/wire';
import s from './QuarantinePage.module.css';
import { ParkedRow, ResolvedRow } from './QuarantineRow';

export function QuarantinePage() {
  const { t } = useT();
  const { api } = useServices();
  const agent = useMay('agent');
  const every = useQuery(everyQuery(api));
  if (!agent || every.data === false) return <Closed title={t('view.quarantine')} text={t(agent ? 'look.every' : 'look.closedText')} />;
  return every.data ? (
    <Quarantine />
  ) : (
    <Page title={t('view.quarantine')}>
      {every.isError && <Failure title={t('quarantine.failed')} error={every.error} retry={() => void every.refetch()} />}
    </Page>
  );
}

function Quarantine() {
  const { t } = useT();
  const { api } = useServices();
  const { show = 'open' } = quarantineRoute.useSearch();
  const list = useInfiniteQuery(quarantineQuery(api, show));
  const mails = list.data?.pages.flatMap((p) => p.mails) ?? [];
  const resolved = show === 'resolved';
  return (
    <Page title={t('view.quarantine')} lead={t('quarantine.lead')} actions={<Actions all={!resolved && mails.length > 1} />}>
      <nav className={s.tabs} aria-label={t('quarantine.show')}>
        <Link to="/quarantine" search={{}} aria-current={resolved ? undefined : 'page'} activeProps={{}}>
          {t('quarantine.open')}
        </Link>
        <Link to="/quarantine" search={{ show: 'resolved' }} aria-current={resolved ? 'page' : undefined} activeProps={{}}>
          {t('quarantine.resolved')}
        </Link>
      </nav>
      {list.isPending ? (
        <RowsSkeleton label={t('quarantine.loading')} />
      ) : list.isError && mails.length === 0 ? (
        <Failure title={t('quarantine.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : mails.length === 0 ? (
        <Empty
          icon={ShieldCheck}
          tone={resolved ? 'plain' : 'ok'}
          title={t(resolved ? 'quarantine.noneResolved' : 'quarantine.empty')}
          text={t(resolved ? 'quarantine.noneResolvedText' : 'quarantine.emptyText')}
        />
      ) : (
        <Scroll label={t('view.quarantine')}>
          <Mails mails={mails} resolved={resolved} />
          {list.hasNextPage && (
            <button type="button" className={s.more} onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
              {t(list.isFetchNextPageError ? 'list.moreFailed' : 'quarantine.more')}
            </button>
          )}
        </Scroll>
      )}
    </Page>
  );
}

function Actions({ all }: { all: boolean }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: api.reprocessAll,
    onSuccess: (count) => {
      toasts.show(t('quarantine.allQueued', { count }));
      return client.invalidateQueries({ queryKey: keys.quarantine });
    },
    onError: (err) => toasts.show(`${t('quarantine.againFailed')} ${reason(err, t)}`),
  });
  return (
    <>
      <Link className={s.ledger} to="/settings/$section/{-$item}" params={{ section: 'ledger', item: undefined }}>
        {t('ledger.title')}
      </Link>
      {all && (
        <Button onClick={() => again.isPending || again.mutate()} aria-busy={again.isPending}>
          <Icon as={RotateCw} size="s" />
          {t('quarantine.all')}
        </Button>
      )}
    </>
  );
}

function Mails({ mails, resolved }: { mails: Quarantined[]; resolved: boolean }) {
  const { t } = useT();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('quarantine.mail')}</th>
          <th scope="col">{t(resolved ? 'quarantine.result' : 'quarantine.reason')}</th>
          <th scope="col">{t('quarantine.at')}</th>
          <th scope="col">
            <span className="sr">{t('quarantine.actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>{mails.map((m) => (resolved ? <ResolvedRow key={m.id} mail={m} /> : <ParkedRow key={m.id} mail={m} />))}</tbody>
    </table>
  );
}
