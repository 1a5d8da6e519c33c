/**
 * Between the socket and the cache: frames become what the screens show.
 * Owns: which topics are watched, what a frame changes, the state of the line, rows held back. Never: rendering.
 */
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { Missed } from '~/app/missed';
import { PresenceBook } from '~/app/presence';
import { keys } from '~/app/queries';
import { type Pages, place, readAt } from '~/features/inbox/rows';
import type { Api } from '~core/api';
import { deliver, join, lastSeq } from '~core/log';
import { type Line, Socket } from '~core/socket';
import type { Change, Delivery, Frame, Notice, Summary, ThreadView } from '~core/wire';

/** What the user is told, whether it is to be shown outside of the page too, and which devices show it. */
type Bell = (n: Notice, show: boolean, pushed: string[]) => void;

/** Whether a list may move under the pointer now. */
export type Calm = (inbox: string, view: string) => boolean;

export class Live {
  line: Line = 'closed';
  /** when the line was last known to be good, ms */
  synced = Date.now();
  /** rows that wait for a click, by "inbox/view" */
  held = new Map<string, ReadonlySet<string>>();
  calm: Calm = () => true;
  readonly presence = new PresenceBook();
  private readonly socket: Socket;
  private readonly listeners = new Set<() => void>();
  private readonly ups = new Set<() => void>();
  private readonly bells = new Set<Bell>();
  private counting = new Map<string, ReturnType<typeof setTimeout>>();
  private wasUp = false;
  private arrived = true; // the watches of the present socket stand
  private readonly missed: Missed;

  constructor(
    api: Api,
    private readonly query: QueryClient,
    private readonly me: () => string,
    private readonly barred: () => void,
  ) {
    this.socket = new Socket({
      ticket: api.ticket,
      entries: (id) => this.view(id)?.entries,
      frame: (f) => this.frame(f),
      line: (l) => this.changeLine(l),
      seen: () => document.visibilityState === 'visible',
    });
    this.missed = new Missed(query, {
      heads: (key, heads) => {
        for (const h of heads) this.put(key, h);
      },
      thread: (id) => this.socket.ask([`thread:${id}`]),
    });
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  whenUp(fn: () => void): void {
    this.ups.add(fn);
  }

  whenNotice(fn: Bell): () => void {
    this.bells.add(fn);
    return () => this.bells.delete(fn);
  }

  start(): void {
    this.socket.start();
    this.missed.start();
    window.addEventListener('online', this.nudge);
    window.addEventListener('offline', this.lost);
    document.addEventListener('visibilitychange', this.shown);
  }

  stop(): void {
    window.removeEventListener('online', this.nudge);
    window.removeEventListener('offline', this.lost);
    document.removeEventListener('visibilitychange', this.shown);
    this.wasUp = false;
    this.missed.stop();
    this.socket.stop();
  }

  private readonly nudge = () => this.socket.nudge();
  private readonly lost = () => this.socket.lost();
  private readonly shown = () => {
    if (document.visibilityState === 'visible') this.socket.nudge();
  };

  /** The user types in a thread: the others are told, and the visitor of a chat unless it is a note. */
  typing(thread: string, note: boolean): void {
    if (Date.now() - this.typed < 3_000) return;
    this.typed = Date.now();
    this.socket.passing({ action: 'typing', thread, ...(note ? { note } : {}) });
  }
  private typed = 0;

  /** The user has sent what they typed: whoever types again says so at once. */
  sent(): void {
    this.typed = 0;
  }

  /** The user has read a chat up to an entry. */
  seen(thread: string, seq: number): void {
    this.socket.passing({ action: 'seen', thread, seq });
  }

  watch(topic: string): () => void {
    this.socket.watch(topic);
    return () => {
      this.socket.unwatch(topic);
      if (topic.startsWith('thread:')) this.presence.forget(topic.slice(7));
    };
  }

  /** Takes the answer to a change this page made. */
  changed(thread: string, c: Change): void {
    if (!this.append(thread, c.thread, c.entries ?? [])) void this.query.invalidateQueries({ queryKey: keys.thread(thread) });
    this.head(c.thread, true);
  }

  /** The user has read a thread up to an entry, 0 for not at all. */
  readUpTo(id: string, seq: number): void {
    this.query.setQueryData<ThreadView>(keys.thread(id), (v) => v && { ...v, readSeq: seq });
    for (const [key, data] of this.query.getQueriesData<Pages>({ queryKey: ['threads'] }))
      if (data) this.query.setQueryData(key, readAt(data, id, seq));
  }

  /** A thread was changed together with others. */
  bulk(head: Summary): void {
    const have = this.view(head.id);
    if (have && lastSeq(have.entries) < head.seq) void this.query.invalidateQueries({ queryKey: keys.thread(head.id) });
    this.head(head, true);
  }

  /** What became of a message. */
  delivered(thread: string, seq: number, d: Delivery): void {
    this.query.setQueryData<ThreadView>(keys.thread(thread), (v) => v && { ...v, entries: deliver(v.entries, seq, d) });
  }

  /** The user looked: rows held back may come in. */
  release(inbox: string, view: string): void {
    this.held = new Map(this.held);
    this.held.delete(`${inbox}/${view}`);
    this.tell();
    void this.query.invalidateQueries({ queryKey: keys.list(inbox, view) });
  }

  private view(id: string): ThreadView | undefined {
    return this.query.getQueryData<ThreadView>(keys.thread(id));
  }

  private append(id: string, head: Summary, entries: Change['entries']): boolean {
    const have = this.view(id);
    if (!have) return true;
    const joined = join(have.entries, entries);
    if (joined.gap) return false;
    this.query.setQueryData<ThreadView>(keys.thread(id), { ...have, thread: newer(have.thread, head), entries: joined.entries });
    return true;
  }

  private frame(f: Frame): void {
    this.synced = Date.now();
    if (this.presence.hear(f)) return;
    if (f.t === 'entries') {
      for (const e of f.entries) if (e.received || e.sent || e.comment) this.presence.wrote(f.thread, e.actor.kind, e.actor.id);
      this.append(f.thread, f.head, f.entries);
      if (f.entries.some((e) => e.contactChanged)) void this.query.invalidateQueries({ queryKey: keys.contact(f.head.contact.id) });
      if (f.entries.some((e) => e.ticket)) void this.query.invalidateQueries({ queryKey: keys.tickets });
      // The word about the delivery itself may have been lost, these never are.
      if (f.entries.some((e) => e.bounced || e.complained)) void this.query.invalidateQueries({ queryKey: keys.thread(f.thread) });
      this.head(f.head);
    } else if (f.t === 'thread') {
      const have = this.view(f.head.id);
      if (have && lastSeq(have.entries) < f.head.seq) void this.query.invalidateQueries({ queryKey: keys.thread(f.head.id), refetchType: 'none' });
      this.head(f.head);
    } else if (f.t === 'delivery') {
      this.delivered(f.thread, f.seq, f.delivery);
    } else if (f.t === 'watching') {
      this.arrive();
    } else if (f.t === 'notice') {
      for (const fn of this.bells) fn(f.notice, !!f.show, f.push ?? []);
    } else if (f.t === 'sync') {
      if (f.thread) void this.query.invalidateQueries({ queryKey: keys.thread(f.thread) });
      else void this.query.invalidateQueries();
    } else if (f.t === 'error') this.refused(f);
  }

  /** What may not be seen any longer goes from the page; it is asked for again, and the answer says so. */
  private refused(f: Extract<Frame, { t: 'error' }>): void {
    if (f.code === 'denied') this.barred();
    else if (f.inbox) void this.query.resetQueries();
    else if (f.thread) {
      void this.query.resetQueries({ queryKey: keys.thread(f.thread) });
      void this.query.invalidateQueries({ queryKey: ['threads'] });
    } else console.warn(`socket: ${f.code}: ${f.detail}`);
  }

  /** Puts a changed head into every list that is loaded. What the user did moves at once. */
  private head(head: Summary, mine = false): void {
    for (const [key] of this.query.getQueriesData<Pages>({ queryKey: keys.lists(head.inbox) })) {
      this.put(key, head, mine);
      this.missed.heard(key, head);
    }
    this.recount(head.inbox);
  }

  private put(key: QueryKey, head: Summary, mine = false): void {
    const data = this.query.getQueryData<Pages>(key);
    if (!data) return;
    const view = String(key[2]);
    const placed = place(data, head, view, this.me(), mine || this.calm(head.inbox, view));
    this.query.setQueryData(key, placed.data);
    if (placed.held) this.hold(`${head.inbox}/${view}`, head.id);
  }

  private hold(list: string, id: string): void {
    this.held = new Map(this.held).set(list, new Set([...(this.held.get(list) ?? []), id]));
    this.tell();
  }

  private recount(inbox: string): void {
    if (this.counting.has(inbox)) return;
    const later = setTimeout(() => {
      this.counting.delete(inbox);
      void this.query.invalidateQueries({ queryKey: keys.counts(inbox) });
    }, 250);
    this.counting.set(inbox, later);
  }

  private changeLine(l: Line): void {
    if (l === 'up') {
      this.synced = Date.now();
      this.arrived = false;
      setTimeout(() => this.arrive(), 2_000); // nothing was watched
    }
    if (l === 'down') this.presence.forget();
    this.line = l;
    this.tell();
  }

  /** What happens from now on will be heard: fetch what was missed, send what waited. Earlier, a word about it could still be lost. */
  private arrive(): void {
    if (this.arrived || this.line !== 'up') return;
    this.arrived = true;
    if (this.wasUp) void this.query.invalidateQueries();
    else this.missed.all();
    this.wasUp = true;
    for (const fn of this.ups) fn();
  }

  private tell(): void {
    for (const fn of this.listeners) fn();
  }
}

/** The head that knows more. */
export function newer(a: Summary, b: Summary): Summary {
  return b.seq >= a.seq ? b : a;
}
