/**
 * Messages that can still be taken back: the server holds each for ten seconds, and this page lets it go.
 * Owns: the clock of each, survival of a reload. Never: rendering, drafts. Imported by: app. If the page is closed, the server's sweep sends them.
 */
import { ApiError } from './api';
import type { Sending } from './outbox';
import type { Change, Delivery } from './wire';

export interface Hold {
  thread: string;
  seq: number;
  /** ms; from then on it goes */
  until: number;
  /** what was written, to be put back */
  item: Sending;
  state: 'held' | 'releasing' | 'withdrawing';
}

export interface HoldServer {
  release(thread: string, seq: number): Promise<Delivery>;
  withdraw(thread: string, seq: number): Promise<Change & { delivery: Delivery }>;
}

const storeKey = 'parley.holds';

export class Holds {
  private items: readonly Hold[] = [];
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();

  /** `changed` gets what a withdrawal changed, `moved` what became of a delivery. */
  constructor(
    private readonly server: HoldServer,
    private readonly changed: (thread: string, c: Change) => void,
    private readonly moved: (thread: string, seq: number, d: Delivery) => void,
    private readonly store: Storage,
  ) {
    for (const h of load(store)) this.put(h);
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };
  snapshot = (): readonly Hold[] => this.items;

  /** Takes the server's answer to a message that was sent with undo. */
  add(item: Sending, c: Change): void {
    const e = (c.entries ?? []).find((x) => x.sent?.held && x.delivery?.state === 'held');
    if (!e?.delivery?.heldUntil) return;
    this.put({ thread: item.thread, seq: e.seq, until: Date.parse(e.delivery.heldUntil), item, state: 'held' });
  }

  /** Lets a message go now. */
  async release(h: Hold): Promise<void> {
    this.mark(h, 'releasing');
    try {
      const d = await this.server.release(h.thread, h.seq);
      this.drop(h);
      this.moved(h.thread, h.seq, d);
    } catch (err) {
      if (err instanceof ApiError && !err.passing && err.status !== 401) return this.drop(h); // the sweep has it, or it is on its way
      this.mark(h, 'held');
      this.arm(h, 2_000);
    }
  }

  /** Takes a message back; what was written. Throws what the server says: `conflict` if it was too late. */
  async withdraw(h: Hold): Promise<Sending> {
    clearTimeout(this.timers.get(idOf(h)));
    this.mark(h, 'withdrawing');
    try {
      const c = await this.server.withdraw(h.thread, h.seq);
      this.drop(h);
      this.moved(h.thread, h.seq, c.delivery);
      this.changed(h.thread, c);
      return h.item;
    } catch (err) {
      if (err instanceof ApiError && err.code === 'conflict') this.drop(h);
      else {
        this.mark(h, 'held');
        this.arm(h, Math.max(0, h.until - Date.now()));
      }
      throw err;
    }
  }

  private put(h: Hold): void {
    this.set([...this.items.filter((x) => idOf(x) !== idOf(h)), h]);
    this.arm(h, Math.max(0, h.until - Date.now()));
  }

  private arm(h: Hold, ms: number): void {
    clearTimeout(this.timers.get(idOf(h)));
    this.timers.set(
      idOf(h),
      setTimeout(() => void this.release(h), ms),
    );
  }

  private mark(h: Hold, state: Hold['state']): void {
    this.set(this.items.map((x) => (idOf(x) === idOf(h) ? { ...x, state } : x)));
  }

  private drop(h: Hold): void {
    clearTimeout(this.timers.get(idOf(h)));
    this.set(this.items.filter((x) => idOf(x) !== idOf(h)));
  }

  private set(items: readonly Hold[]): void {
    this.items = items;
    this.store.setItem(storeKey, JSON.stringify(items));
    for (const fn of this.listeners) fn();
  }
}

const idOf = (h: Hold) => `${h.thread}/${h.seq}`;

function load(store: Storage): Hold[] {
  try {
    return (JSON.parse(store.getItem(storeKey) ?? '[]') as Hold[]).map((h) => ({ ...h, state: 'held' }));
  } catch {
    return [];
  }
}
