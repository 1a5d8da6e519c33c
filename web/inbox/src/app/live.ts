/**
 * Between the socket and the cache: frames become what the screens show.
 * Owns: which topics are watched, what a frame changes, the state of the line, rows held back. Never: rendering.
 */
import type { QueryClient } from '@tanstack/react-query';
import { keys } from '~/app/queries';
import { type Pages, place } from '~/features/inbox/rows';
import type { Api } from '~core/api';
import { deliver, join, lastSeq } from '~core/log';
import { type Line, Socket } from '~core/socket';
import type { Change, Frame, Summary, ThreadView } from '~core/wire';

/** Whether a list may move under the pointer now. */
export type Calm = (inbox: string, view: string) => boolean;

export class Live {
  line: Line = 'closed';
  /** when the line was last known to be good, ms */
  synced = Date.now();
  /** rows that wait for a click, by "inbox/view" */
  held = new Map<string, ReadonlySet<string>>();
  calm: Calm = () => true;
  private readonly socket: Socket;
  private readonly listeners = new Set<() => void>();
  private readonly ups = new Set<() => void>();
  private counting = new Map<string, ReturnType<typeof setTimeout>>();
  private wasUp = false;
  private arrived = true; // the watches of the present socket stand

  constructor(
    api: Api,
    private readonly query: QueryClient,
    private readonly me: () => string,
  ) {
    this.socket = new Socket({
      ticket: api.ticket,
      entries: (id) => this.view(id)?.entries,
      frame: (f) => this.frame(f),
      line: (l) => this.changeLine(l),
    });
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  whenUp(fn: () => void): void {
    this.ups.add(fn);
  }

  start(): void {
    this.socket.start();
    window.addEventListener('online', this.nudge);
    window.addEventListener('offline', this.lost);
    document.addEventListener('visibilitychange', this.shown);
  }

  stop(): void {
    window.removeEventListener('online', this.nudge);
    window.removeEventListener('offline', this.lost);
    document.removeEventListener('visibilitychange', this.shown);
    this.wasUp = false;
    this.socket.stop();
  }

  private readonly nudge = () => this.socket.nudge();
  private readonly lost = () => this.socket.lost();
  private readonly shown = () => {
    if (document.visibilityState === 'visible') this.socket.nudge();
  };

  watch(topic: string): () => void {
    this.socket.watch(topic);
    return () => this.socket.unwatch(topic);
  }

  /** Takes the answer to a change this page made. */
  changed(thread: string, c: Change): void {
    if (!this.append(thread, c.thread, c.entries ?? [])) void this.query.invalidateQueries({ queryKey: keys.thread(thread) });
    this.head(c.thread, true);
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
    if (f.t === 'entries') {
      this.append(f.thread, f.head, f.entries);
      this.head(f.head);
    } else if (f.t === 'thread') {
      const have = this.view(f.head.id);
      if (have && lastSeq(have.entries) < f.head.seq) void this.query.invalidateQueries({ queryKey: keys.thread(f.head.id), refetchType: 'none' });
      this.head(f.head);
    } else if (f.t === 'delivery') {
      this.query.setQueryData<ThreadView>(keys.thread(f.thread), (v) => v && { ...v, entries: deliver(v.entries, f.seq, f.delivery) });
    } else if (f.t === 'watching') {
      this.arrive();
    } else if (f.t === 'sync') {
      if (f.thread) void this.query.invalidateQueries({ queryKey: keys.thread(f.thread) });
      else void this.query.invalidateQueries();
    } else if (f.t === 'error') console.warn(`socket: ${f.code}: ${f.detail}`);
  }

  /** Puts a changed head into every list that is loaded. What the user did moves at once. */
  private head(head: Summary, mine = false): void {
    for (const [key, data] of this.query.getQueriesData<Pages>({ queryKey: keys.lists(head.inbox) })) {
      if (!data) continue;
      const view = String(key[2]);
      const placed = place(data, head, view, this.me(), mine || this.calm(head.inbox, view));
      this.query.setQueryData(key, placed.data);
      if (placed.held) this.hold(`${head.inbox}/${view}`, head.id);
    }
    this.recount(head.inbox);
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
    this.line = l;
    this.tell();
  }

  /** What happens from now on will be heard: fetch what was missed, send what waited. Earlier, a word about it could still be lost. */
  private arrive(): void {
    if (this.arrived || this.line !== 'up') return;
    this.arrived = true;
    if (this.wasUp) void this.query.invalidateQueries();
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
