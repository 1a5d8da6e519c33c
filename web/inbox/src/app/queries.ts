/** What is asked of the server, and under which key it is kept. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '~core/api';
import { reconcile } from '~core/log';
import type { Entry, ListName, ThreadView, View } from '~core/wire';

export const keys = {
  users: ['users'] as const,
  inboxes: ['inboxes'] as const,
  counts: (inbox: string) => ['counts', inbox] as const,
  lists: (inbox: string) => ['threads', inbox] as const,
  list: (inbox: string, view: string) => ['threads', inbox, view] as const,
  thread: (id: string) => ['thread', id] as const,
  body: (id: string, seq: number) => ['body', id, seq] as const,
  quarantine: ['quarantine'] as const,
  quarantined: (id: string) => ['quarantine', 'mail', id] as const,
  ledger: (days: number) => ['ledger', days] as const,
  chats: ['chats'] as const,
  channels: ['channels'] as const,
  notices: ['notices'] as const,
  prefs: ['prefs'] as const,
  devices: ['devices'] as const,
  teams: ['teams'] as const,
  tags: ['tags'] as const,
  setup: ['setup'] as const,
  imports: ['imports'] as const,
  routing: (inbox: string) => ['routing', inbox] as const,
  hours: ['hours'] as const,
  roles: ['roles'] as const,
  load: ['load'] as const,
  changes: ['changes'] as const,
  contacts: ['contacts'] as const,
  contact: (id: string) => ['contact', id] as const,
  company: (id: string) => ['company', id] as const,
  companies: ['companies'] as const,
  contactLists: ['contactlists'] as const,
  properties: ['properties'] as const,
  snippets: ['snippets'] as const,
  articles: ['articles'] as const,
  tickets: ['tickets'] as const,
  drafts: ['drafts'] as const,
  filters: (inbox: string) => ['filters', inbox] as const,
  filterList: (inbox: string, list: ListName) => ['filters', inbox, list] as const,
};

export const usersQuery = (api: Api) => queryOptions({ queryKey: keys.users, queryFn: api.users, staleTime: 5 * 60_000 });
export const teamsQuery = (api: Api) => queryOptions({ queryKey: keys.teams, queryFn: api.teams, staleTime: 5 * 60_000 });
export const tagsQuery = (api: Api) => queryOptions({ queryKey: keys.tags, queryFn: api.tags, staleTime: 60_000 });
export const propertiesQuery = (api: Api) => queryOptions({ queryKey: keys.properties, queryFn: api.properties, staleTime: 5 * 60_000 });
export const personQuery = (api: Api, id: string) => queryOptions({ queryKey: keys.contact(id), queryFn: () => api.person(id), staleTime: 30_000 });
export const pastQuery = (api: Api, id: string) =>
  queryOptions({ queryKey: [...keys.contact(id), 'past'] as const, queryFn: () => api.past(id), staleTime: 30_000 });
export const pagesQuery = (api: Api, id: string) =>
  queryOptions({ queryKey: [...keys.contact(id), 'pages'] as const, queryFn: () => api.pages(id), staleTime: 30_000 });
export const duplicatesQuery = (api: Api, id: string) =>
  queryOptions({ queryKey: [...keys.contact(id), 'duplicates'] as const, queryFn: () => api.duplicates(id), staleTime: 0 });
export const timelineQuery = (api: Api, id: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.contact(id), 'timeline'] as const,
    queryFn: ({ pageParam }) => api.timeline(id, pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });
export const companyQuery = (api: Api, id: string) => queryOptions({ queryKey: keys.company(id), queryFn: () => api.company(id), staleTime: 60_000 });
export const colleaguesQuery = (api: Api, id: string, except: string) =>
  queryOptions({ queryKey: [...keys.company(id), 'threads', except] as const, queryFn: () => api.colleagues(id, except), staleTime: 30_000 });
export const companiesQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: keys.companies,
    queryFn: ({ pageParam }) => api.companies(pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });
export const membersQuery = (api: Api, company: string) =>
  infiniteQueryOptions({
    queryKey: [...keys.contacts, 'of', company] as const,
    queryFn: ({ pageParam }) => api.searchContacts([{ on: 'company', op: 'is', value: company }], pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });
export const contactListsQuery = (api: Api) => queryOptions({ queryKey: keys.contactLists, queryFn: api.lists, staleTime: 60_000 });
/** All contacts, or those of a saved list. */
export const contactsQuery = (api: Api, list = '') =>
  infiniteQueryOptions({
    queryKey: [...keys.contacts, 'list', list] as const,
    queryFn: ({ pageParam }) => api.contacts(pageParam, list),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });
export const suggestQuery = (api: Api, q: string) =>
  queryOptions({ queryKey: ['suggest', q] as const, queryFn: () => api.suggest(q), staleTime: 10_000 });
export const rolesQuery = (api: Api) => queryOptions({ queryKey: keys.roles, queryFn: api.roles, staleTime: Number.POSITIVE_INFINITY });
export const loadQuery = (api: Api) => queryOptions({ queryKey: keys.load, queryFn: api.load, staleTime: 0 });
export const changesQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: keys.changes,
    queryFn: ({ pageParam }) => api.changes(pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });
export const hoursQuery = (api: Api) => queryOptions({ queryKey: keys.hours, queryFn: api.hours, staleTime: 30_000 });
export const routingQuery = (api: Api, inbox: string) =>
  queryOptions({ queryKey: keys.routing(inbox), queryFn: () => api.routing(inbox), staleTime: 0 });
/** Looked up while one is under way. */
export const importsQuery = (api: Api) =>
  queryOptions({
    queryKey: keys.imports,
    queryFn: api.imports,
    staleTime: 0,
    refetchInterval: (q) => (q.state.data?.some((i) => i.state === 'running' || i.state === 'undoing') ? 2_000 : false),
  });
export const badRowsQuery = (api: Api, id: string) =>
  queryOptions({ queryKey: [...keys.imports, id, 'bad'] as const, queryFn: () => api.badRows(id) });
export const setupQuery = (api: Api) => queryOptions({ queryKey: keys.setup, queryFn: api.setup, staleTime: 0 });
export const articlesQuery = (api: Api) => queryOptions({ queryKey: keys.articles, queryFn: api.articles, staleTime: 0 });
/** Of a conversation and its contact. */
export const ticketsQuery = (api: Api, thread: string) =>
  queryOptions({ queryKey: [...keys.tickets, thread] as const, queryFn: () => api.tickets(thread), staleTime: 30_000 });
export const snippetsQuery = (api: Api) => queryOptions({ queryKey: keys.snippets, queryFn: api.snippets });
export const draftsQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: keys.drafts,
    queryFn: ({ pageParam }) => api.drafts(pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });
const placesQuery = (api: Api) => queryOptions({ queryKey: keys.inboxes, queryFn: api.inboxes, staleTime: 5 * 60_000 });
export const inboxesQuery = (api: Api) => queryOptions({ ...placesQuery(api), select: (p) => p.inboxes });
/** Whether the user sees every inbox there is. */
export const everyQuery = (api: Api) => queryOptions({ ...placesQuery(api), select: (p) => p.every });
export const countsQuery = (api: Api, inbox: string) => queryOptions({ queryKey: keys.counts(inbox), queryFn: () => api.counts(inbox) });
export const quarantineQuery = (api: Api, state: 'open' | 'resolved') =>
  infiniteQueryOptions({
    queryKey: [...keys.quarantine, state] as const,
    queryFn: ({ pageParam }) => api.quarantine(state, pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    staleTime: 0,
  });

/** One mail that is being run again, looked up until something became of it. */
export const quarantinedQuery = (api: Api, id: string) =>
  queryOptions({
    queryKey: keys.quarantined(id),
    queryFn: () => api.quarantined(id),
    refetchInterval: (q) => (q.state.data && q.state.data.state !== 'queued' ? false : 1_000),
  });

export const chatsQuery = (api: Api) => queryOptions({ queryKey: keys.chats, queryFn: api.chats, staleTime: 0 });
export const noticesQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: keys.notices,
    queryFn: ({ pageParam }) => api.notices(pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
export const prefsQuery = (api: Api) => queryOptions({ queryKey: keys.prefs, queryFn: api.prefs, staleTime: 5 * 60_000 });
export const devicesQuery = (api: Api) => queryOptions({ queryKey: keys.devices, queryFn: api.devices, staleTime: 0 });
export const channelsQuery = (api: Api) => queryOptions({ queryKey: keys.channels, queryFn: api.channels, staleTime: 0 });
export const ledgerQuery = (api: Api, days: number) => queryOptions({ queryKey: keys.ledger(days), queryFn: () => api.ledger(days), staleTime: 0 });
export const filtersQuery = (api: Api, inbox: string) => queryOptions({ queryKey: keys.filters(inbox), queryFn: () => api.filters(inbox) });

export const filterListQuery = (api: Api, inbox: string, list: ListName) =>
  infiniteQueryOptions({
    queryKey: keys.filterList(inbox, list),
    queryFn: ({ pageParam }) => api.filterEntries(inbox, list, pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

/** One entry by its whole name; null if it is not on the list. */
export const filterEntryQuery = (api: Api, inbox: string, list: ListName, entry: string) =>
  queryOptions({ queryKey: [...keys.filterList(inbox, list), entry] as const, queryFn: () => api.filterEntry(inbox, list, entry) });

export const listQuery = (api: Api, inbox: string, view: View) =>
  infiniteQueryOptions({
    queryKey: keys.list(inbox, view),
    queryFn: ({ pageParam, signal }) => api.threads(inbox, view, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });

/** Whether a message's fate can still change soon: it is not on its way yet, or somebody's server has not answered. */
function open(e: Entry): boolean {
  const d = e.delivery;
  if (!e.sent || !d || d.state === 'failed' || d.state === 'withdrawn') return false;
  if (d.state !== 'sent') return true;
  const young = Date.now() - Date.parse(d.at) < 10 * 60_000;
  return young && d.recipients.some((r) => r.state === 'sent' || r.state === 'pending');
}

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
    refetchInterval: (q) => (q.state.data?.entries.some(open) ? 10_000 : false),
  });

/** Bodies never change; links inside them are short-lived. */
export const bodyQuery = (api: Api, id: string, seq: number) =>
  queryOptions({ queryKey: keys.body(id, seq), queryFn: () => api.body(id, seq), staleTime: 4 * 60_000 });
