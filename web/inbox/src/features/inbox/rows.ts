/** Where a changed thread stands in a list that is loaded in pages. Pure. */
import type { InfiniteData } from '@tanstack/react-query';
import { inView, type Row, type Summary, type ThreadPage, type View } from '~core/wire';

export type Pages = InfiniteData<ThreadPage, unknown>;

export function rowsOf(data: Pages | undefined): Row[] {
  return data?.pages.flatMap((p) => p.threads) ?? [];
}

/**
 * Puts a head into a list: changed in place, moved to the top, added or taken out. While the list is not calm no row moves: the head is
 * changed where it stands, and `held` says that something new waits.
 */
export function place(data: Pages, head: Summary, view: string, me: string, calm: boolean): { data: Pages; held: boolean } {
  const all = rowsOf(data);
  const old = all.find((r) => r.thread.id === head.id);
  if (old && old.thread.seq > head.seq) return { data, held: false };
  const belongs = inView(head, view as View, me);
  if (!belongs) return { data: old ? edit(data, head.id, () => []) : data, held: false };
  const row: Row = { thread: head, readSeq: old?.readSeq ?? 0 };
  const rises = !old || head.activeAt > old.thread.activeAt;
  const first = all[0]?.thread.id === head.id;
  if (!rises || first) return { data: edit(data, head.id, () => [row]), held: false };
  if (!calm) return { data: old ? edit(data, head.id, () => [row]) : data, held: true };
  const without = edit(data, head.id, () => []);
  const [top, ...rest] = without.pages;
  return { data: { ...without, pages: [{ next: top?.next ?? '', threads: [row, ...(top?.threads ?? [])] }, ...rest] }, held: false };
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
