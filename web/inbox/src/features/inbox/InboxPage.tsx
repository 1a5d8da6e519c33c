/** One inbox: the list of a view, the open thread, its details. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { MousePointerClick } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useT } from '~/app/locale';
import { NotFound } from '~/app/places';
import { inboxesQuery, keys, listQuery, threadQuery } from '~/app/queries';
import { inboxRoute } from '~/app/router';
import { useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { useInbox, useTitle, useUnread } from '~/app/unread';
import { ThreadPane } from '~/features/thread/ThreadPane';
import { Empty } from '~/ui/Empty';
import type { View } from '~core/wire';
import s from './InboxPage.module.css';
import { type Pages, read, rowsOf } from './rows';
import { ThreadList } from './ThreadList';
import { useViewName } from './view';

const none: ReadonlySet<string> = new Set();

/** An inbox that the user does not see is none to them. */
export function InboxPage() {
  const { inbox } = inboxRoute.useParams();
  const { api } = useServices();
  const inboxes = useQuery(inboxesQuery(api)).data;
  return inboxes && !inboxes.some((i) => i.id === inbox) ? <NotFound /> : <OneInbox />;
}

function OneInbox() {
  const params = inboxRoute.useParams();
  const view = params.view as View;
  const open = params.thread;
  const { t } = useT();
  const { api, live } = useServices();
  const navigate = useNavigate();
  const list = useInfiniteQuery(listQuery(api, params.inbox, view));
  const rows = useMemo(() => rowsOf(list.data), [list.data]);
  const [cursor, setCursor] = useState<string | undefined>(open);
  const here = `${params.inbox}/${view}`;
  const [picked, setPicked] = useState({ of: here, ids: none });
  const pick = useCallback((ids: Iterable<string>) => setPicked({ of: here, ids: new Set(ids) }), [here]);
  // What has left the list is picked no longer.
  const still = useMemo(
    () => new Set(picked.of === here ? rows.map((r) => r.thread.id).filter((id) => picked.ids.has(id)) : []),
    [rows, picked, here],
  );
  const inbox = useInbox();
  const name = useViewName()(view);
  useTitle(inbox ? `${name} · ${inbox.name}` : name, useUnread(params.inbox));
  useEffect(() => live.watch(`inbox:${params.inbox}`), [live, params.inbox]);
  useEffect(() => setCursor(open), [open]);

  const go = useCallback(
    (thread: string | undefined) => navigate({ to: '/inbox/$inbox/$view/{-$thread}', params: { inbox: params.inbox, view, thread } }),
    [navigate, params.inbox, view],
  );
  const step = (by: number) => {
    const at = rows.findIndex((r) => r.thread.id === cursor);
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.thread.id;
    if (!next) return;
    setCursor(next);
    if (open) void go(next);
  };
  const back = useCallback(() => void go(undefined), [go]);
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    o: () => cursor && void go(cursor),
    Enter: () => cursor && void go(cursor),
    u: () => open && back(),
    Escape: () => (still.size > 0 ? pick([]) : open && back()),
  });
  usePrefetch(rows, cursor);
  useReadMark(params.inbox, open);

  const leave = useCallback(
    (id: string) => {
      const at = rows.findIndex((r) => r.thread.id === id);
      const next = rows[at + 1] ?? rows[at - 1];
      void go(next && next.thread.id !== id ? next.thread.id : undefined);
    },
    [rows, go],
  );

  return (
    <main className={s.panels} id="main" data-pane={open ? 'thread' : 'list'}>
      <ThreadList
        key={`${params.inbox}/${view}`}
        inbox={params.inbox}
        view={view}
        list={list}
        cursor={cursor}
        setCursor={setCursor}
        open={open}
        go={go}
        picked={still}
        pick={pick}
      />
      {open ? (
        <ThreadPane key={open} id={open} leave={leave} back={back} />
      ) : (
        <section className={s.none} aria-label={t('thread.none')}>
          {rows.length > 0 && <Empty icon={MousePointerClick} title={t('thread.none')} text={t('thread.noneText')} />}
        </section>
      )}
    </main>
  );
}

/** The next two threads are there before they are asked for. */
function usePrefetch(rows: ReturnType<typeof rowsOf>, cursor: string | undefined): void {
  const { api } = useServices();
  const client = useQueryClient();
  useEffect(() => {
    if (!cursor) return;
    const at = rows.findIndex((r) => r.thread.id === cursor);
    const timer = setTimeout(() => {
      for (const r of rows.slice(at + 1, at + 3)) void client.prefetchQuery(threadQuery(api, r.thread.id));
    }, 200);
    return () => clearTimeout(timer);
  }, [rows, cursor, api, client]);
}

const readAfter = 1_000;

/** A thread counts as read when it was open and in sight for a second. */
function useReadMark(inbox: string, id: string | undefined): void {
  const { api } = useServices();
  const client = useQueryClient();
  useEffect(() => {
    if (!id) return;
    let sent = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const mark = () => {
      timer = undefined;
      const v = client.getQueryData(threadQuery(api, id).queryKey);
      const seq = v?.thread.seq ?? 0;
      if (!v || seq <= Math.max(sent, v.readSeq) || document.visibilityState !== 'visible') return;
      sent = seq;
      api.read(id, seq).catch(() => {
        sent = 0;
      });
      client.setQueryData(threadQuery(api, id).queryKey, (w) => w && { ...w, readSeq: Math.max(w.readSeq, seq) });
      for (const [key, data] of client.getQueriesData<Pages>({ queryKey: keys.lists(inbox) }))
        if (data) client.setQueryData(key, read(data, id, seq));
    };
    const look = () => {
      timer ??= setTimeout(mark, readAfter);
    };
    look();
    const stop = client.getQueryCache().subscribe((e) => {
      if (e.type === 'updated' && e.query.queryKey[0] === 'thread' && e.query.queryKey[1] === id) look();
    });
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      stop();
      document.removeEventListener('visibilitychange', look);
    };
  }, [id, inbox, api, client]);
}
