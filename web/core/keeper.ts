/**
 * Keeps drafts: at once in the browser, a moment later at the server, so that another browser goes on where this one stopped.
 * Owns: the order of both, tags, what happens when a draft was changed elsewhere. Never: rendering, sending. Imported by: composer.
 */
import { ApiError, type DraftPlace } from './api';
import { blank, fromServer, isBlank, toServer, type Written } from './draft';
import type { Draft, DraftBody } from './wire';

export type Keeping = 'none' | 'saving' | 'saved' | 'here';

export interface Kept {
  written: Written;
  /** tag of the server's copy, '' for none */
  tag: string;
  /** the server does not have this text yet */
  dirty: boolean;
  /** where it is kept: `here` is this browser alone */
  state: Keeping;
  /** somebody (this user elsewhere) has written another one meanwhile */
  theirs?: Draft;
}

export interface DraftServer {
  putDraft(p: DraftPlace, body: DraftBody, tag: string): Promise<Draft>;
  removeDraft(p: DraftPlace): Promise<void>;
  draft(id: string): Promise<Draft>;
  threadDrafts(thread: string): Promise<Draft[]>;
}

const prefix = 'parley.draft.';
const nothing: Kept = { written: blank, tag: '', dirty: false, state: 'none' };

export function keyOf(p: DraftPlace): string {
  return 'id' in p ? p.id : `${p.thread}/${p.mode}`;
}

export class Keeper {
  private readonly held = new Map<string, Kept>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly under = new Map<string, Promise<void>>(); // a request for this draft is on its way
  private readonly listeners = new Set<() => void>();
  private back: Extract<DraftPlace, { thread: string }> | undefined;
  /** what stands below every message, as text: a draft of nothing else is none */
  signature: () => string = () => '';

  constructor(
    private readonly server: DraftServer,
    private readonly store: Storage,
    private readonly plain: (html: string) => string,
    private readonly wait = 1_000, // ms without a key before the server is told
  ) {}

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  /** The draft as it stands here. The same object until it changes. */
  get(p: DraftPlace): Kept {
    const key = keyOf(p);
    let k = this.held.get(key);
    if (!k) {
      k = read(this.store, key);
      this.held.set(key, k);
    }
    return k;
  }

  change(p: DraftPlace, patch: Partial<Written>): void {
    const k = this.get(p);
    this.set(p, { ...k, written: { ...k.written, ...patch }, dirty: true, state: 'saving' });
    this.later(p, this.wait);
  }

  /** Asks the server for the drafts of a place. What was typed here and is not there yet stays; if both were changed, a person decides. */
  async load(places: DraftPlace[]): Promise<void> {
    const found = new Map<string, Draft>();
    for (const p of places) {
      if ('id' in p) {
        const d = await this.server.draft(p.id).catch((err: unknown) => missing(err));
        if (d) found.set(keyOf(p), d);
      }
    }
    const thread = places.find((p) => 'thread' in p);
    if (thread && 'thread' in thread)
      for (const d of await this.server.threadDrafts(thread.thread)) found.set(keyOf({ thread: thread.thread, mode: d.mode as 'reply' }), d);
    for (const p of places) {
      const d = found.get(keyOf(p));
      const k = this.get(p);
      if (this.under.has(keyOf(p))) continue;
      if (d && d.tag !== k.tag) this.meet(p, k, d);
      else if (!d && k.tag && !k.dirty) this.forget(p); // sent or thrown away elsewhere
    }
  }

  private meet(p: DraftPlace, k: Kept, d: Draft): void {
    if (k.dirty && !isBlank(k.written, this.signature())) this.set(p, { ...k, theirs: d });
    else this.set(p, { written: fromServer(d, this.plain), tag: d.tag, dirty: false, state: 'saved' });
  }

  /** Of two drafts, takes the one from elsewhere, or what stands here. */
  settle(p: DraftPlace, take: 'theirs' | 'mine'): void {
    const k = this.get(p);
    if (!k.theirs) return;
    if (take === 'theirs') this.set(p, { written: fromServer(k.theirs, this.plain), tag: k.theirs.tag, dirty: false, state: 'saved' });
    else {
      this.set(p, { ...k, tag: k.theirs.tag, theirs: undefined, dirty: true, state: 'saving' });
      this.later(p, 0);
    }
  }

  /** The draft became a message, which takes its tag along: the server's copy goes with the sending. */
  take(p: DraftPlace): Kept {
    const k = this.get(p);
    const flying = this.under.get(keyOf(p));
    this.forget(p);
    // A copy that reaches the server after the message was made would stay behind.
    if (flying) void flying.then(() => this.server.removeDraft(p)).catch(() => undefined);
    return k;
  }

  /** Puts a text back that could not be sent, or was taken back, before what was typed since. */
  restore(p: DraftPlace, old: Written, tag: string): void {
    const k = this.get(p);
    const empty = isBlank(k.written, this.signature());
    const join = (a: string, b: string, by: string) => (a && b ? a + by + b : a || b);
    const written = empty
      ? old
      : { ...old, html: join(old.html, k.written.html, ''), text: join(old.text, k.written.text, '\n\n'), files: [...old.files, ...k.written.files] };
    if ('thread' in p) this.back = p;
    this.set(p, { written, tag: k.tag || tag, dirty: true, state: 'saving' });
    this.later(p, 0);
  }

  /** The mode of a thread whose text was just put back, once: its field is to be opened. */
  claim(thread: string): 'reply' | 'note' | 'forward' | undefined {
    if (this.back?.thread !== thread) return undefined;
    const { mode } = this.back;
    this.back = undefined;
    return mode;
  }

  /** Throws a draft away, here and at the server. */
  async discard(p: DraftPlace): Promise<void> {
    const k = this.get(p);
    const flying = this.under.get(keyOf(p));
    this.forget(p);
    if (flying) await flying;
    if (k.tag || flying) await this.server.removeDraft(p).catch(() => undefined);
  }

  /** Tries again what is not at the server yet: the line is back. */
  flush(): void {
    for (const key of this.held.keys()) {
      const p = placeOf(key);
      if (this.get(p).dirty) this.later(p, 0);
    }
  }

  private later(p: DraftPlace, ms: number): void {
    const key = keyOf(p);
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => void this.push(p), ms),
    );
  }

  private async push(p: DraftPlace): Promise<void> {
    const key = keyOf(p);
    if (this.under.has(key)) return this.later(p, this.wait);
    const k = this.get(p);
    if (!k.dirty || k.theirs) return;
    const saving = this.save(p, k);
    this.under.set(key, saving);
    await saving;
    this.under.delete(key);
  }

  private async save(p: DraftPlace, k: Kept): Promise<void> {
    const empty = isBlank(k.written, this.signature());
    try {
      if (empty) {
        if (k.tag) await this.server.removeDraft(p);
        this.after(p, k, '');
      } else {
        const d = await this.server.putDraft(p, toServer(k.written), k.tag);
        this.after(p, k, d.tag);
      }
    } catch (err) {
      if (err instanceof ApiError && err.status === 412) await this.clash(p, k.tag);
      else this.here(p, err);
    }
  }

  /** Notes the server's answer, unless the draft was sent or thrown away meanwhile. */
  private after(p: DraftPlace, sent: Kept, tag: string): void {
    const now = this.held.get(keyOf(p));
    if (!now || now === nothing) return;
    const same = now.written === sent.written;
    this.set(p, { ...now, tag, dirty: !same, state: !same ? 'saving' : tag ? 'saved' : 'none' });
    if (!same) this.later(p, this.wait);
  }

  private async clash(p: DraftPlace, tag: string): Promise<void> {
    try {
      const d = 'id' in p ? await this.server.draft(p.id) : (await this.server.threadDrafts(p.thread)).find((x) => x.mode === p.mode);
      const now = this.get(p);
      if (now === nothing) return;
      if (d) this.set(p, { ...now, theirs: d, state: 'here' });
      else {
        this.set(p, { ...now, tag: '' }); // it was sent or thrown away elsewhere; what stands here is a new one
        if (tag) this.later(p, this.wait);
      }
    } catch (err) {
      this.here(p, err);
    }
  }

  private here(p: DraftPlace, err: unknown): void {
    const now = this.get(p);
    if (now === nothing) return;
    this.set(p, { ...now, state: 'here' });
    if (!(err instanceof ApiError) || err.passing) this.later(p, 10_000);
  }

  private forget(p: DraftPlace): void {
    const key = keyOf(p);
    clearTimeout(this.timers.get(key));
    this.held.set(key, nothing);
    this.store.removeItem(prefix + key);
    this.tell();
  }

  private set(p: DraftPlace, k: Kept): void {
    const key = keyOf(p);
    this.held.set(key, k);
    try {
      if (k.dirty && k.tag === '' && isBlank(k.written, this.signature())) this.store.removeItem(prefix + key);
      else this.store.setItem(prefix + key, JSON.stringify({ written: k.written, tag: k.tag, dirty: k.dirty }));
    } catch {
      // the browser's store is full: the server will have it
    }
    this.tell();
  }

  private tell(): void {
    for (const fn of this.listeners) fn();
  }
}

function placeOf(key: string): DraftPlace {
  const [thread = '', mode] = key.split('/');
  return mode ? { thread, mode: mode as 'reply' } : { id: thread };
}

function read(store: Storage, key: string): Kept {
  try {
    const k = JSON.parse(store.getItem(prefix + key) ?? 'null') as Pick<Kept, 'written' | 'tag' | 'dirty'> | null;
    if (!k?.written) return nothing;
    return { written: { ...blank, ...k.written }, tag: k.tag, dirty: k.dirty, state: k.dirty ? 'here' : k.tag ? 'saved' : 'none' };
  } catch {
    return nothing;
  }
}

function missing(err: unknown): undefined {
  if (err instanceof ApiError && err.code === 'notfound') return undefined;
  throw err;
}
