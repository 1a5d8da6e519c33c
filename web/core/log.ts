/**
 * The log of a thread as the browser holds it: a run of entries without gaps.
 * Owns: joining, gaps, which optimistic lines the server has already confirmed. Never: fetching. Imported by: socket bridge, thread pane.
 */
import type { Delivery, Entry } from './wire';

/** The number of the last entry, 0 of an empty log. */
export function lastSeq(entries: readonly Entry[]): number {
  return entries.at(-1)?.seq ?? 0;
}

export interface Joined {
  entries: Entry[];
  /** Entries are missing between what was there and what came; nothing was joined. */
  gap: boolean;
}

/** Appends what is new of `incoming` (ascending). What is there already is dropped; a hole joins nothing. */
export function join(have: Entry[], incoming: readonly Entry[]): Joined {
  const last = lastSeq(have);
  const fresh = incoming.filter((e) => e.seq > last);
  let want = have.length === 0 ? (fresh[0]?.seq ?? 1) : last + 1;
  for (const e of fresh) {
    if (e.seq !== want) return { entries: have, gap: true };
    want++;
  }
  return { entries: fresh.length ? [...have, ...fresh] : have, gap: false };
}

/** Puts an older page before what is there. */
export function prepend(have: Entry[], older: readonly Entry[]): Entry[] {
  const first = have[0]?.seq ?? Number.POSITIVE_INFINITY;
  return [...older.filter((e) => e.seq < first), ...have];
}

/** Notes what became of a sent message. An older word than what is known is dropped. */
export function deliver(entries: Entry[], seq: number, d: Delivery): Entry[] {
  return entries.map((e) => (e.seq === seq && !(e.delivery && e.delivery.at > d.at) ? { ...e, delivery: d } : e));
}

export interface Pending {
  key: string;
  kind: 'reply' | 'note';
  text: string;
  /** last entry known when it was written */
  seq: number;
}

/** Leaves out what stands in the log already: the socket may be faster than the answer to the request. */
export function unconfirmed<P extends Pending>(pending: readonly P[], entries: readonly Entry[], me: string): P[] {
  const taken = new Set<number>();
  return pending.filter((p) => {
    const hit = entries.find((e) => e.seq > p.seq && !taken.has(e.seq) && e.actor.id === me && says(e, p));
    if (hit) taken.add(hit.seq);
    return !hit;
  });
}

function says(e: Entry, p: Pending): boolean {
  const fact = p.kind === 'reply' ? e.sent : e.comment;
  if (!fact) return false;
  // Rich text becomes plain here and at the server, and not by the same hand: letters and digits are what both agree on.
  const bare = (s: string) => s.replace(/[^\p{L}\p{N}]+/gu, '');
  if (fact.body.text && !e.sent?.forwards) return bare(fact.body.text) === bare(p.text);
  return fact.preview !== '' && bare(p.text).startsWith(bare(fact.preview));
}

/** Lays a fetched page over what is there, so that an answer slower than the socket takes nothing back. Without overlap only the page counts. */
export function reconcile(have: Entry[], page: readonly Entry[]): Entry[] {
  const first = page[0]?.seq;
  if (first === undefined) return have;
  if (lastSeq(have) < first - 1) return [...page];
  const last = lastSeq(page);
  return [...have.filter((e) => e.seq < first), ...page, ...have.filter((e) => e.seq > last)];
}
