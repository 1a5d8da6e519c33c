/** What I have begun to write and not sent, newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PencilLine } from 'lucide-react';
import { Closed } from '~/app/Closed';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { draftsQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { RowsSkeleton } from '~/ui/Skeleton';
import { clock, dayLabel } from '~core/time';
import type { ListedDraft } from '~core/wire';
import s from './DraftsPage.module.css';

export function DraftsPage() {
  const { t } = useT();
  return useMay('agent') ? <Drafts /> : <Closed title={t('view.drafts')} />;
}

function Drafts() {
  const { t } = useT();
  const { api } = useServices();
  const list = useInfiniteQuery(draftsQuery(api));
  const drafts = list.data?.pages.flatMap((p) => p.drafts) ?? [];
  return (
    <Page title={t('view.drafts')} lead={t('drafts.lead')}>
      {list.isPending ? (
        <RowsSkeleton label={t('drafts.loading')} />
      ) : list.isError && drafts.length === 0 ? (
        <Failure title={t('drafts.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : drafts.length === 0 ? (
        <Empty icon={PencilLine} title={t('drafts.none')} text={t('drafts.noneText')} />
      ) : (
        <Scroll label={t('view.drafts')}>
          <ul className={s.list}>
            {drafts.map((d) => (
              <li key={d.id ?? `${d.thread}/${d.mode}`}>
                <Row d={d} />
              </li>
            ))}
          </ul>
          {list.hasNextPage && (
            <p className={s.more}>
              <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
                {t('drafts.more')}
              </Button>
            </p>
          )}
        </Scroll>
      )}
    </Page>
  );
}

function Row({ d }: { d: ListedDraft }) {
  const { t, locale } = useT();
  const who = d.head ? d.head.contact.name || d.head.contact.address : d.to?.map((a) => a.name || a.email).join(', ');
  const subject = d.head?.subject || d.subject || t('thread.noSubject');
  const body = (
    <>
      <b>{who || t('drafts.nobody')}</b>
      <span className={s.kind}>{t(`drafts.${d.mode}`)}</span>
      <time dateTime={d.at}>
        {dayLabel(locale, d.at, Date.now())}, {clock(locale, d.at)}
      </time>
      <span className={s.words}>
        {subject} – {d.preview || t('drafts.empty')}
      </span>
    </>
  );
  if (d.id) {
    return (
      <Link className={s.row} to="/write/$draft" params={{ draft: d.id }}>
        {body}
      </Link>
    );
  }
  if (!d.head) return <div className={s.row}>{body}</div>; // the inbox is closed to me by now
  return (
    <Link
      className={s.row}
      to="/inbox/$inbox/$view/{-$thread}"
      params={{ inbox: d.head.inbox, view: d.head.status === 'closed' ? 'closed' : 'open', thread: d.head.id }}
    >
      {body}
    </Link>
  );
}
