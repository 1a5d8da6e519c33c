import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowDown } from 'lucide-react';
import { Fragment, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { useNow } from '~/app/now';
import { keys } from '~/app/queries';
import { useMe, useOutbox, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { lastSeq, prepend, unconfirmed } from '~core/log';
import type { Sending } from '~core/outbox';
import { dayLabel, daysBetween } from '~core/time';
import type { Entry, Summary, ThreadView } from '~core/wire';
import { ChatBubble } from './ChatBubble';
import { contactName } from './contact';
import { EventLine } from './EventLine';
import s from './Log.module.css';
import { MailCard } from './MailCard';
import { Note } from './Note';
import { PendingCard } from './PendingCard';
import { VisitorTypes } from './PresenceBar';

interface Props {
  view: ThreadView;
  /** they may work on it, not only look */
  works: boolean;
  editAgain: (item: Sending) => void;
  /** passes a message on */
  forward: (seq: number) => void;
}

export function Log({ view, works, editAgain, forward }: Props) {
  const { t, locale } = useT();
  const now = useNow();
  const me = useMe();
  const pending = unconfirmed(
    useOutbox().filter((i) => i.thread === view.thread.id),
    view.entries,
    me.id,
  );
  const scroll = useStickyScroll(lastSeq(view.entries), pending.length);
  const lastSent = view.entries.findLast((e) => e.sent)?.seq ?? 0;
  const lastBot = view.entries.findLast((e) => e.botEnded || e.botStarted)?.seq ?? 0;
  return (
    <div className={s.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={s.log} ref={scroll.box} onScroll={scroll.onScroll} tabIndex={0} role="log" aria-label={t('log.label')}>
        <div className={s.inner} ref={scroll.content}>
          {view.more && <Older view={view} keep={scroll.keep} />}
          {view.entries.map((e, i) => (
            <Fragment key={e.seq}>
              {startsDay(view.entries[i - 1], e) && <div className={s.day}>{dayLabel(locale, e.at, now)}</div>}
              <Line
                head={view.thread}
                entry={e}
                before={view.entries[i - 1]}
                last={e.seq === lastSent || e.seq === lastBot}
                forward={works ? forward : undefined}
              />
            </Fragment>
          ))}
          {view.thread.channel === 'chat' && <VisitorTypes thread={view.thread.id} name={contactName(view.thread, t)} />}
          {pending.map((p) => (
            <PendingCard key={p.key} item={p} editAgain={works ? editAgain : undefined} />
          ))}
        </div>
      </div>
      {scroll.below && (
        <button type="button" className={s.pill} onClick={scroll.toEnd}>
          <Icon as={ArrowDown} size="xs" />
          {t('log.below')}
        </button>
      )}
    </div>
  );
}

function startsDay(before: Entry | undefined, e: Entry): boolean {
  return !before || daysBetween(Date.parse(before.at), Date.parse(e.at)) !== 0;
}

interface LineProps {
  head: Summary;
  entry: Entry;
  before?: Entry;
  last: boolean;
  /** passes it on; absent for who only looks */
  forward?: (seq: number) => void;
}

function Line({ head, entry, before, last, forward }: LineProps): ReactNode {
  const mail = entry.received?.email || (entry.sent && head.channel === 'email');
  if ((entry.received || entry.sent) && !mail) return <ChatBubble head={head} entry={entry} before={before} last={last} works={!!forward} />;
  if (entry.received || entry.sent) return <MailCard head={head} entry={entry} forward={forward} />;
  if (entry.comment) return <Note thread={head.id} entry={entry} />;
  return <EventLine head={head} entry={entry} last={last} works={!!forward} />;
}

function Older({ view, keep }: { view: ThreadView; keep: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const id = view.thread.id;
  const load = useMutation({
    mutationFn: () => api.older(id, view.entries[0]?.seq ?? 0),
    onSuccess: (page) => {
      keep();
      client.setQueryData<ThreadView>(keys.thread(id), (v) => v && { ...v, entries: prepend(v.entries, page.entries), more: page.more });
    },
  });
  return (
    <div className={s.older}>
      <Button onClick={() => load.mutate()} aria-busy={load.isPending}>
        {t(load.isError ? 'log.olderFailed' : load.isPending ? 'log.olderLoading' : 'log.older')}
      </Button>
    </div>
  );
}

/**
 * Stays at the end while the reader is there, or shows the beginning of a last message that is taller than the pane; says when something
 * came in below; keeps its place when older entries come in above.
 */
function useStickyScroll(seq: number, pending: number) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const fromEnd = useRef<number | null>(null);
  const [below, setBelow] = useState(false);
  const settle = useCallback(() => {
    const b = box.current;
    if (!b) return;
    if (fromEnd.current !== null) {
      b.scrollTop = b.scrollHeight - fromEnd.current;
      return;
    }
    if (!atEnd.current) return;
    const last = content.current?.lastElementChild as HTMLElement | null;
    const tall = last && last.offsetHeight > b.clientHeight - 24;
    b.scrollTop = tall ? last.offsetTop - 12 : b.scrollHeight;
  }, []);
  useLayoutEffect(() => {
    if (pending > 0) atEnd.current = true;
    settle();
    fromEnd.current = null;
    if (!atEnd.current && seq > 0) setBelow(true);
  }, [seq, pending, settle]);
  useEffect(() => {
    const watch = new ResizeObserver(settle);
    if (content.current) watch.observe(content.current);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, [settle]);
  // Only a hand on the wheel, the bar or the keys leaves the end; content that grows does not.
  const onScroll = () => {
    const b = box.current;
    if (!b) return;
    const last = content.current?.lastElementChild as HTMLElement | null;
    const near = b.scrollHeight - b.scrollTop - b.clientHeight < 40 || (last ? Math.abs(b.scrollTop - (last.offsetTop - 12)) < 4 : false);
    atEnd.current = near;
    if (near) setBelow(false);
  };
  const toEnd = () => {
    atEnd.current = true;
    settle();
    setBelow(false);
  };
  const keep = () => {
    const b = box.current;
    if (b) fromEnd.current = b.scrollHeight - b.scrollTop;
  };
  return { box, content, onScroll, below, toEnd, keep };
}
