/** Where a changed thread stands in a list that is loaded in pages. Pure. */
import type { InfiniteData } from '@tanstack/react-query';
import { inView, type Row, type Summary, type ThreadPage, type View } from '~core/wire';

export type Pages = InfiniteData<ThreadPage, unknown>;

export function rowsOf(data: Pages | undefined): Row[] {
  return data?.pages.flatMap((p) => p.threads) ?? [];
}

/**
 * Puts a head into a list, by activity as the server does: changed in place, moved, added or taken out. While the list is not calm no row moves:
 * the head is changed where it stands, and `held` says that something waits.
 */
export function place(data: Pages, head: Summary, view: string, me: string, calm: boolean): { data: Pages; held: boolean } {
  const all = rowsOf(data);
  const old = all.find((r) => r.thread.id === head.id);
  if (old && old.thread.seq > head.seq) return { data, held: false };
  const belongs = inView(head, view as View, me);
  if (!belongs) return { data: old ? edit(data, head.id, () => []) : data, held: false };
  const row: Row = { thread: head, readSeq: old?.readSeq ?? 0 };
  const first = all[0]?.thread.id === head.id;
  const rises = !old || activity(head) > activity(old.thread);
  if (!rises || first) return { data: edit(data, head.id, () => [row]), held: false };
  if (!calm) return { data: old ? edit(data, head.id, () => [row]) : data, held: true };
  return {
    data: insert(
      edit(data, head.id, () => []),
      row,
    ),
    held: false,
  };
}

const activity = (h: Summary) => Date.parse(h.activeAt);

/** Before the first row that was active earlier. One that belongs behind all that is loaded comes with the page it stands on. */
function insert(data: Pages, row: Row): Pages {
  const at = data.pages.findIndex((p) => p.threads.some((r) => activity(r.thread) < activity(row.thread)));
  const end = data.pages.length - 1;
  if (at < 0 && data.pages[end]?.next) return data;
  const pages = data.pages.map((p, i) => {
    if (i !== (at < 0 ? end : at)) return p;
    const to = at < 0 ? p.threads.length : p.threads.findIndex((r) => activity(r.thread) < activity(row.thread));
    return { ...p, threads: p.threads.toSpliced(to, 0, row) };
  });
  return { ...data, pages };
}

/** Marks a thread read up to seq. */
export function read(data: Pages, id: string, seq: number): Pages {
  return edit(data, id, (r) => [{ ...r, readSeq: Math.max(r.readSeq, seq) }]);
}

/** Marks a thread read exactly up to seq, 0 for not at all. */
export function readAt(data: Pages, id: string, seq: number): Pages {
  return edit(data, id, (r) => [{ ...r, readSeq: seq }]);
}

function edit(data: Pages, id: string, fn: (r: Row) => Row[]): Pages {
  return { ...data, pages: data.pages.map((p) => ({ ...p, threads: p.threads.flatMap((r) => (r.thread.id === id ? fn(r) : [r])) })) };
}
