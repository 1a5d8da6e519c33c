/**
 * Keeps a draft on the server while it is worked on: one save at a time, the newest last.
 * Owns: when to save, and what became of it. Never: the graph. Imported by: builder.
 */
import { ApiError } from '~core/api';

export type Saving = 'saved' | 'unsaved' | 'saving' | 'failed' | 'conflict';

export interface Saved {
  revision: number;
}

export class Saver<T, R extends Saved> {
  state: Saving = 'saved';
  error: unknown;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: { value: T } | undefined;
  private running: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    public revision: number,
    private readonly save: (value: T, revision: number) => Promise<R>,
    private readonly done: (saved: R) => void,
    private readonly pause = 700,
  ) {}

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };
  snapshot = (): Saving => this.state;

  put(value: T): void {
    this.waiting = { value };
    if (this.state === 'conflict') return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), this.pause);
    if (this.state !== 'saving') this.set('unsaved');
  }

  /** Saves what waits, now. Resolves when nothing waits any more, or it could not be saved. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.running) {
      await this.running;
      if (this.waiting && this.state === 'unsaved') await this.flush();
      return;
    }
    if (!this.waiting || this.state === 'conflict') return;
    this.running = this.run(this.waiting.value).finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  /** Goes on from a revision: theirs was loaded, or ours is to stand. */
  settle(revision: number, keep: boolean): void {
    this.revision = revision;
    if (!keep) this.waiting = undefined;
    this.set(this.waiting ? 'unsaved' : 'saved');
    if (this.waiting) void this.flush();
  }

  private async run(value: T): Promise<void> {
    this.set('saving');
    let next: Saving;
    try {
      const saved = await this.save(value, this.revision);
      this.revision = saved.revision;
      if (this.waiting?.value === value) this.waiting = undefined;
      next = this.waiting ? 'unsaved' : 'saved';
      this.done(saved);
    } catch (err) {
      this.error = err;
      next = err instanceof ApiError && err.code === 'conflict' ? 'conflict' : 'failed';
    }
    this.set(next);
  }

  private set(s: Saving): void {
    this.state = s;
    for (const fn of this.listeners) fn();
  }
}
