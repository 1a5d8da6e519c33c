/**
 * What the user has sent and the server has not yet acknowledged.
 * Owns: client ids, order within a thread, retries, survival of a reload. Never: rendering, the meaning of the answer. Imported by: app.
 */
import { ApiError, type Letter } from './api';
import type { Pending } from './log';
import type { Change, Mention } from './wire';

export interface Draft {
  thread: string;
  /** a reply goes to people outside, so does what is passed on */
  kind: 'reply' | 'note';
  /** as text, for the line that stands in the log until the server has answered */
  text: string;
  /** of a reply */
  letter?: Letter;
  /** of a note */
  mentions?: Mention[];
  draft?: string;
  seq: number;
}

/** `waiting` will be tried again by itself; `failed` needs a person. */
export interface Sending extends Draft, Pending {
  at: string;
  state: 'sending' | 'waiting' | 'failed';
  reason: string;
  attempts: number;
}

export interface Carrier {
  send(id: string, body: Letter, key: string): Promise<Change>;
  note(id: string, body: { text: string; mentions?: Mention[]; draft?: string }, key: string): Promise<Change>;
}

const storeKey = 'parley.outbox';
const firstWait = 1_000;
const longestWait = 30_000;

export class Outbox {
  private items: Sending[];
  private readonly busy = new Set<string>(); // threads with a request under way
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();

  /** `done` gets the server's answer before the item leaves, so that no line flickers. */
  constructor(
    private readonly carrier: Carrier,
    private readonly done: (item: Sending, change: Change) => void,
    private readonly store: Storage,
  ) {
    this.items = load(store);
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };
  snapshot = (): readonly Sending[] => this.items;

  /** Sends, now or when possible. Returns the client id. */
  add(draft: Draft): string {
    const item: Sending = { ...draft, key: crypto.randomUUID(), at: new Date().toISOString(), state: 'sending', reason: '', attempts: 0 };
    this.set([...this.items, item]);
    void this.drain(draft.thread);
    return item.key;
  }

  /** Tries a failed or waiting item again, under the same client id. */
  retry(key: string): void {
    const item = this.items.find((i) => i.key === key);
    if (!item) return;
    this.change(key, { state: 'sending', reason: '' });
    void this.drain(item.thread);
  }

  /** Gives up an item; returns it so that its text can go back to the composer. */
  discard(key: string): Sending | undefined {
    const item = this.items.find((i) => i.key === key);
    this.set(this.items.filter((i) => i.key !== key));
    if (item) void this.drain(item.thread);
    return item;
  }

  /** Tries all that waits: the line is back, or the page was loaded. */
  flush(): void {
    for (const thread of new Set(this.items.map((i) => i.thread))) void this.drain(thread);
  }

  private async drain(thread: string): Promise<void> {
    if (this.busy.has(thread)) return;
    this.busy.add(thread);
    clearTimeout(this.timers.get(thread));
    let wait = 0;
    for (let next = this.first(thread); next && !wait; next = this.first(thread)) wait = await this.deliver(next);
    this.busy.delete(thread);
    if (wait)
      this.timers.set(
        thread,
        setTimeout(() => void this.drain(thread), wait),
      );
  }

  private first(thread: string): Sending | undefined {
    return this.items.find((i) => i.thread === thread && i.state !== 'failed');
  }

  /** Returns how long to wait before the thread goes on, in ms. */
  private async deliver(item: Sending): Promise<number> {
    this.change(item.key, { state: 'sending', attempts: item.attempts + 1 });
    try {
      const { text, letter, mentions, draft } = item;
      const change =
        item.kind === 'reply'
          ? await this.carrier.send(item.thread, letter ?? { text }, item.key)
          : await this.carrier.note(item.thread, { text, ...(mentions?.length ? { mentions } : {}), ...(draft ? { draft } : {}) }, item.key);
      this.done(item, change);
      this.set(this.items.filter((i) => i.key !== item.key));
      return 0;
    } catch (err) {
      const e = err instanceof ApiError ? err : new ApiError(0, 'internal', String(err));
      const passing = e.passing || e.status === 401;
      this.change(item.key, { state: passing ? 'waiting' : 'failed', reason: e.code === 'offline' ? '' : e.message });
      return passing ? Math.max(e.retryAfter * 1000, Math.min(longestWait, firstWait * 2 ** item.attempts)) : 0;
    }
  }

  private change(key: string, patch: Partial<Sending>): void {
    this.set(this.items.map((i) => (i.key === key ? { ...i, ...patch } : i)));
  }

  private set(items: Sending[]): void {
    this.items = items;
    this.store.setItem(storeKey, JSON.stringify(items));
    for (const fn of this.listeners) fn();
  }
}

function load(store: Storage): Sending[] {
  try {
    const items = JSON.parse(store.getItem(storeKey) ?? '[]') as Sending[];
    return items.map((i) => (i.state === 'sending' ? { ...i, state: 'waiting' } : i));
  } catch {
    return [];
  }
}
