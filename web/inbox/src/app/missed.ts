/**
 * What an answer read before something happened does not know, although the page was told of it, or nobody listened yet.
 * Owns: which heads came while a list was being fetched; what was fetched before anything was watched. Never: frames, sockets.
 */
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '~/app/queries';
import type { Summary } from '~core/wire';

export interface Catch {
  /** Heads that came while the list was being fetched: the answer may be older than they are. */
  heads(list: QueryKey, heads: readonly Summary[]): void;
  /** A thread was fetched: what came between its reading and its being watched is to be asked for. */
  thread(id: string): void;
}

const list = keys.lists('')[0];
const thread = keys.thread('')[0];

export class Missed {
  private readonly during = new Map<string, Summary[]>();
  private readonly early = new Set<string>();
  private end: (() => void) | undefined;

  constructor(
    private readonly query: QueryClient,
    private readonly caught: Catch,
  ) {}

  start(): void {
    this.end ??= this.query.getQueryCache().subscribe((e) => {
      if (e.type !== 'updated' || e.action.type !== 'success' || e.action.manual) return;
      const { queryHash: hash, queryKey: key } = e.query;
      queueMicrotask(() => this.fetched(hash, key));
    });
  }

  stop(): void {
    this.end?.();
    this.end = undefined;
    this.during.clear();
    this.early.clear();
  }

  heard(key: QueryKey, head: Summary): void {
    const q = this.query.getQueryCache().find({ queryKey: key, exact: true });
    if (q?.state.fetchStatus !== 'fetching') return;
    this.during.set(q.queryHash, [...(this.during.get(q.queryHash) ?? []), head]);
  }

  /** The first watches stand: lists and counts read before that are read again, those on their way as soon as they are here. */
  all(): void {
    for (const q of this.query.getQueryCache().getAll()) {
      const [kind] = q.queryKey;
      if (kind === thread && q.state.data) this.caught.thread(String(q.queryKey[1]));
      if (kind !== list && kind !== keys.counts('')[0]) continue;
      if (q.state.fetchStatus === 'fetching') this.early.add(q.queryHash);
      else void this.query.invalidateQueries({ queryKey: q.queryKey, exact: true });
    }
  }

  private fetched(hash: string, key: QueryKey): void {
    if (key[0] === thread) this.caught.thread(String(key[1]));
    const heads = this.during.get(hash);
    this.during.delete(hash);
    if (this.early.delete(hash)) void this.query.invalidateQueries({ queryKey: key, exact: true });
    else if (heads) this.caught.heads(key, heads);
  }
}
