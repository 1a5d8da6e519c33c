import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp, AtSign, Ban, Check, Clock, Funnel, Inbox, MailCheck, Menu as MenuIcon, Smile, SquarePen, Trash2 } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { useT } from '~/app/locale';
import { useNow } from '~/app/now';
import { useWorks, useWorksSomewhere } from '~/app/rights';
import { useNavDrawer } from '~/app/Shell';
import { useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { useInbox } from '~/app/unread';
import { useWrite } from '~/app/write';
import { IconButton } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Row, View } from '~core/wire';
import { BulkBar } from './BulkBar';
import { type Pages, rowsOf } from './rows';
import s from './ThreadList.module.css';
import { ThreadRow } from './ThreadRow';
import { useViewCount, useViewName } from './view';

interface Props {
  inbox: string;
  view: View;
  list: UseInfiniteQueryResult<Pages, Error>;
  cursor: string | undefined;
  setCursor: (id: string) => void;
  open: string | undefined;
  go: (id: string | undefined) => void;
  picked: ReadonlySet<string>;
  pick: (ids: Iterable<string>) => void;
}

export function ThreadList(props: Props) {
  const { view, list, picked } = props;
  const { t } = useT();
  const drawer = useNavDrawer();
  const write = useWrite();
  const writes = useWorksSomewhere();
  const works = useWorks(props.inbox);
  const name = useViewName();
  const rows = rowsOf(list.data);
  return (
    <section className={s.list} aria-label={t('list.label')}>
      {works && picked.size > 0 ? (
        <BulkBar inbox={props.inbox} view={view} rows={rows} picked={picked} pick={props.pick} />
      ) : (
        <header className={s.head}>
          <IconButton label={t('view.label')} className={s.menu} onClick={drawer}>
            <Icon as={MenuIcon} />
          </IconButton>
          <h1>{name(view)}</h1>
          <ViewCount inbox={props.inbox} view={view} />
          {writes && (
            <IconButton label={t('write.title')} className={s.write} onClick={write}>
              <Icon as={SquarePen} />
            </IconButton>
          )}
        </header>
      )}
      <HeldPill {...props} />
      {list.isPending ? (
        <RowsSkeleton label={t('list.loading')} />
      ) : list.isError && rows.length === 0 ? (
        <Failure title={t('list.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Nothing view={view} />
      ) : (
        <Rows {...props} rows={rows} />
      )}
    </section>
  );
}

function ViewCount({ inbox, view }: { inbox: string; view: View }) {
  const c = useViewCount(inbox, view);
  return c?.count ? <span className={s.count}>{c.more ? `${c.count}+` : c.count}</span> : null;
}

/** "3 new": rows never move under the pointer, a click brings them in. */
function HeldPill({ inbox, view }: Props) {
  const { t } = useT();
  const { live } = useServices();
  const held = useSyncExternalStore(live.subscribe, () => live.held.get(`${inbox}/${view}`)?.size ?? 0);
  if (held === 0) return null;
  const show = () => {
    live.release(inbox, view);
    document.getElementById('threads')?.scrollTo({ top: 0 });
  };
  return (
    <button type="button" className={s.pill} onClick={show}>
      <Icon as={ArrowUp} size="xs" />
      {t('list.new', { count: held })}
    </button>
  );
}

function Nothing({ view }: { view: View }) {
  const { t } = useT();
  const address = useInbox()?.accounts.find((a) => a.address)?.address;
  if (view === 'open') {
    const text = address ? t('empty.openText', { address }) : t('empty.openNoAddress');
    return <Empty icon={Inbox} tone="acc" title={t('empty.open')} text={text} />;
  }
  if (view === 'filtered') return <Empty icon={Funnel} title={t('empty.filtered')} text={t('empty.filteredText')} />;
  if (view === 'spam') return <Empty icon={Ban} title={t('empty.spam')} text={t('empty.spamText')} />;
  if (view === 'undelivered') return <Empty icon={MailCheck} tone="ok" title={t('empty.undelivered')} text={t('empty.undeliveredText')} />;
  if (view === 'mentions') return <Empty icon={AtSign} tone="ok" title={t('empty.mentions')} text={t('empty.mentionsText')} />;
  if (view === 'snoozed') return <Empty icon={Clock} title={t('empty.snoozed')} text={t('empty.snoozedText')} />;
  if (view === 'trash') return <Empty icon={Trash2} title={t('empty.trash')} text={t('empty.trashText')} />;
  if (view.includes(':')) return <Empty icon={Smile} tone="ok" title={t('empty.done')} text={t('empty.partText')} />;
  if (view === 'closed') return <Empty icon={Check} title={t('empty.closed')} text={t('empty.closedText')} />;
  return <Empty icon={Smile} tone="ok" title={t('empty.done')} text={t(view === 'mine' ? 'empty.mineText' : 'empty.unassignedText')} />;
}

const restless = 4_000; // ms after which a pointer that lies still no longer means to click

/** While the list is scrolled or a hand moves the pointer over it, no row moves; what waited comes in when both have passed. */
function useCalm(inbox: string, view: View, box: RefObject<HTMLDivElement | null>) {
  const { live } = useServices();
  const busy = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    live.calm = (i, w) => i !== inbox || w !== view || (!busy.current && (box.current?.scrollTop ?? 0) < 8);
    return () => {
      clearTimeout(timer.current);
      live.calm = () => true;
    };
  }, [live, inbox, view, box]);
  const rest = () => {
    clearTimeout(timer.current);
    busy.current = false;
    if (live.held.has(`${inbox}/${view}`) && (box.current?.scrollTop ?? 0) < 8) live.release(inbox, view);
  };
  const move = (e: PointerEvent) => {
    if (e.pointerType !== 'mouse') return;
    busy.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(rest, restless);
  };
  return { onPointerMove: move, onPointerLeave: rest };
}

const rowHeight = 84;

function Rows({ rows, inbox, view, list, cursor, setCursor, open, go, picked, pick }: Props & { rows: Row[] }) {
  const { t } = useT();
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    getItemKey: (i) => rows[i]?.thread.id ?? i,
  });
  const items = v.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;

  const pointer = useCalm(inbox, view, box);
  useEffect(() => {
    if (last >= rows.length - 8 && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  const at = rows.findIndex((r) => r.thread.id === cursor);
  useEffect(() => {
    if (at >= 0) v.scrollToIndex(at, { align: 'auto' });
  }, [at, v]);

  const latest = useRef<string>(undefined);
  const state = useRef({ rows, picked });
  useEffect(() => {
    state.current = { rows, picked };
  });
  /** One more or one less; with `range` all from the one before. */
  const toggle = useCallback(
    (id: string, range: boolean) => {
      const { rows, picked } = state.current;
      const next = new Set(picked);
      const from = rows.findIndex((r) => r.thread.id === latest.current);
      const to = rows.findIndex((r) => r.thread.id === id);
      if (range && from >= 0) for (const r of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(r.thread.id);
      else if (!next.delete(id)) next.add(id);
      latest.current = id;
      pick(next);
    },
    [pick],
  );
  const works = useWorks(inbox);
  useShortcuts(works ? { x: () => cursor && toggle(cursor, false), X: () => cursor && toggle(cursor, true) } : {});
  const onKey = (e: KeyboardEvent) => {
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + 8, PageUp: at - 8 };
    const next = to[e.key];
    if (next !== undefined) {
      e.preventDefault();
      const id = rows[Math.min(rows.length - 1, Math.max(0, next))]?.thread.id;
      if (id) setCursor(id);
    } else if ((e.key === 'Enter' || e.key === ' ') && cursor) {
      e.preventDefault();
      e.stopPropagation();
      go(cursor);
    }
  };

  return (
    <div className={s.scroll} id="threads" ref={box} {...pointer}>
      <div
        role="listbox"
        aria-label={t('list.label')}
        tabIndex={0}
        aria-activedescendant={at >= 0 ? `row-${cursor}` : undefined}
        onKeyDown={onKey}
        onFocus={() => at < 0 && rows[0] && setCursor(rows[0].thread.id)}
        className={s.rows}
        style={{ height: v.getTotalSize() }}
      >
        {items.map((item) => {
          const row = rows[item.index];
          return row ? (
            <ThreadRow
              key={row.thread.id}
              row={row}
              top={item.start}
              view={view}
              now={now}
              active={row.thread.id === cursor}
              open={row.thread.id === open}
              go={go}
              picking={picked.size > 0}
              picked={picked.has(row.thread.id)}
              pick={works ? toggle : undefined}
            />
          ) : null;
        })}
      </div>
      {isFetchNextPageError && (
        <button type="button" className={s.more} onClick={() => void fetchNextPage()}>
          {t('list.moreFailed')}
        </button>
      )}
      <span className="sr" role="status">
        {isFetchingNextPage ? t('list.loading') : ''}
      </span>
    </div>
  );
}
