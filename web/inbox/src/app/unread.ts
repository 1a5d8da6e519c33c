/** What waits for me: unread threads that are mine or nobody's. It stands in the title and on the rail. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { inboxesQuery, listQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { rowsOf } from '~/features/inbox/rows';
import type { Inbox } from '~core/wire';

/** The inbox of the URL, if this is a page of one. */
export function useInbox(): Inbox | undefined {
  const { api } = useServices();
  const id = useParams({ strict: false }).inbox;
  const { data } = useQuery(inboxesQuery(api));
  return data?.find((i) => i.id === id);
}

/** Among the threads of "All open" that are loaded. */
export function useUnread(inbox: string | undefined): number {
  const { api } = useServices();
  const me = useMe();
  const { data } = useInfiniteQuery({ ...listQuery(api, inbox ?? '', 'open'), enabled: !!inbox });
  return rowsOf(data).filter((r) => r.thread.seq > r.readSeq && (!r.thread.assignee || r.thread.assignee.id === me.id)).length;
}

export function useTitle(text: string, unread = 0): void {
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${text} – Parley`;
  }, [text, unread]);
}
