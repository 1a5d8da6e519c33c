/** What is asked of the server, and under which key it is kept. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '~core/api';
import { reconcile } from '~core/log';
import type { ThreadView, View } from '~core/wire';

export const keys = {
  users: ['users'] as const,
  inboxes: ['inboxes'] as const,
  counts: (inbox: string) => ['counts', inbox] as const,
  lists: (inbox: string) => ['threads', inbox] as const,
  list: (inbox: string, view: string) => ['threads', inbox, view] as const,
  thread: (id: string) => ['thread', id] as const,
  body: (id: string, seq: number) => ['body', id, seq] as const,
  quarantine: ['quarantine'] as const,
};

export const usersQuery = (api: Api) => queryOptions({ queryKey: keys.users, queryFn: api.users, staleTime: 5 * 60_000 });
export const inboxesQuery = (api: Api) => queryOptions({ queryKey: keys.inboxes, queryFn: api.inboxes, staleTime: 5 * 60_000 });
export const countsQuery = (api: Api, inbox: string) => queryOptions({ queryKey: keys.counts(inbox), queryFn: () => api.counts(inbox) });
export const quarantineQuery = (api: Api) => queryOptions({ queryKey: keys.quarantine, queryFn: api.quarantine, staleTime: 0 });

export const listQuery = (api: Api, inbox: string, view: View) =>
  infiniteQueryOptions({
    queryKey: keys.list(inbox, view),
    queryFn: ({ pageParam, signal }) => api.threads(inbox, view, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

/** A slow answer never takes back what the socket has brought since. */
export const threadQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.thread(id),
    queryFn: async ({ client, signal }) => {
      const fresh = await api.thread(id, signal);
      const have = client.getQueryData<ThreadView>(keys.thread(id));
      if (!have) return fresh;
      const entries = reconcile(have.entries, fresh.entries);
      const head = have.thread.seq > fresh.thread.seq ? have.thread : fresh.thread;
      const kept = entries[0]?.seq !== fresh.entries[0]?.seq;
      return { ...fresh, thread: head, entries, more: kept ? have.more : fresh.more, readSeq: Math.max(have.readSeq, fresh.readSeq) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    // A word about a delivery can be lost with the line; what is not final is looked up again.
    refetchInterval: (q) =>
      q.state.data?.entries.some((e) => e.sent && e.delivery?.state !== 'sent' && e.delivery?.state !== 'failed') ? 10_000 : false,
  });

/** Bodies never change; links inside them are short-lived. */
export const bodyQuery = (api: Api, id: string, seq: number) =>
  queryOptions({ queryKey: keys.body(id, seq), queryFn: () => api.body(id, seq), staleTime: 4 * 60_000 });
