/** What I was told, newest first. Whoever opens the page has seen them. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bell } from 'lucide-react';
import { useEffect } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, noticesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { RowsSkeleton } from '~/ui/Skeleton';
import { clock, dayLabel } from '~core/time';
import s from './NoticesPage.module.css';
import { headline } from './words';

export function NoticesPage() {
  const { t, locale } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const list = useInfiniteQuery(noticesQuery(api));
  const notices = list.data?.pages.flatMap((p) => p.notices) ?? [];
  const seen = list.data?.pages[0]?.seen ?? '';
  const newest = notices[0]?.at ?? '';
  useEffect(() => {
    if (!newest || newest <= seen) return;
    const timer = setTimeout(() => void api.seeNotices(newest).then(() => client.invalidateQueries({ queryKey: keys.notices })), 1_500);
    return () => clearTimeout(timer);
  }, [api, client, newest, seen]);
  return (
    <Page
      title={t('notices.title')}
      lead={t('notices.lead')}
      actions={
        <Link to="/settings/$section/{-$item}" params={{ section: 'notifications', item: undefined }} className={s.settings}>
          {t('notices.settings')}
        </Link>
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('notices.loading')} />
      ) : list.isError && notices.length === 0 ? (
        <Failure title={t('notices.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : notices.length === 0 ? (
        <Empty icon={Bell} title={t('notices.none')} text={t('notices.noneText')} />
      ) : (
        <Scroll label={t('notices.title')}>
          <ul className={s.list}>
            {notices.map((n) => (
              <li key={n.id}>
                <Link
                  className={s.row}
                  data-new={n.at > seen || undefined}
                  to="/inbox/$inbox/$view/{-$thread}"
                  params={{ inbox: n.inbox, view: 'open', thread: n.thread }}
                >
                  <b>{headline(n, t)}</b>
                  <time dateTime={n.at}>
                    {dayLabel(locale, n.at, Date.now())}, {clock(locale, n.at)}
                  </time>
                  <span>
                    {n.subject}
                    {n.preview && ` – ${n.preview}`}
                    {n.at > seen && <span className="sr"> {t('notices.unseen')}</span>}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
          {list.hasNextPage && (
            <p className={s.more}>
              <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
                {t('notices.more')}
              </Button>
            </p>
          )}
        </Scroll>
      )}
    </Page>
  );
}
