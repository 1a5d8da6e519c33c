/**
 * The HTTP API of agents.
 * Owns: URLs, headers, the one mapping from problem+json to ApiError. Never: caching, retries beyond one renewed token. Imported by: outbox, app.
 */
import {
  type Address,
  type AlikeView,
  type ApiProblem,
  type Article,
  type ArticleBody,
  type ArticleHit,
  type BadRow,
  type BulkChange,
  type BulkResult,
  type Change,
  type ChangesPage,
  type ChannelEdit,
  type ChannelPage,
  type ChannelView,
  type ChatView,
  type ColleagueThread,
  type Company,
  type CompanyEdit,
  type CompanyView,
  type Config,
  type Connection,
  type ContactList,
  type ContactPage,
  type ContactView,
  type Counts,
  type Delivery,
  type Device,
  type Devices,
  type Draft,
  type DraftBody,
  type DraftFile,
  type DraftPage,
  type EntryPage,
  type FilterChange,
  type Filters,
  type Flow,
  type Folder,
  type HandedOver,
  type HandoverTo,
  type HoursBody,
  type HoursView,
  type Import,
  type ImportPreview,
  type Inbox,
  type Ledger,
  type Link,
  type ListCondition,
  type Listed,
  type ListedPage,
  type ListFields,
  type ListName,
  type Load,
  type MailBody,
  type MembersBody,
  type Mention,
  type NewUpload,
  type NoticePage,
  type PastPage,
  type Person,
  type PersonEdit,
  type PersonLine,
  type Plan,
  type PlanBody,
  type Prefs,
  type Priority,
  type Property,
  type PropertyFields,
  partsOf,
  type Quarantined,
  type QuarantinePage,
  type Role,
  type RoleView,
  type Routing,
  type SeenPage,
  type Setup,
  type Snippet,
  type SnippetBody,
  type SocketTicket,
  type Tag,
  type TagBody,
  type TagChange,
  type Team,
  type TeamBody,
  type ThreadPage,
  type ThreadView,
  type Ticket,
  type TimelinePage,
  type Tried,
  type TryPlan,
  type User,
  type View,
  type Widget,
  type WorkspaceBody,
} from './wire';

/** `offline` means that no answer came; the others are the server's fault codes. */
export type Code = 'offline' | ApiProblem['code'];

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: Code,
    message: string,
    readonly requestId = '',
    /** seconds, 0 if the server did not say */
    readonly retryAfter = 0,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether the same request may succeed later without change. */
  get passing(): boolean {
    return this.code === 'offline' || this.code === 'busy' || this.code === 'internal';
  }
}

const byStatus: Record<number, Code> = {
  400: 'invalid',
  401: 'denied',
  403: 'denied',
  404: 'notfound',
  409: 'conflict',
  410: 'gone',
  412: 'conflict',
  422: 'invalid',
  429: 'busy',
  503: 'busy',
};

/** Turns a response that is not 2xx into an ApiError. */
export async function problemOf(res: Response): Promise<ApiError> {
  const body = (await res.json().catch(() => ({}))) as { title?: string; detail?: string; message?: string; code?: Code; requestId?: string };
  const text = body.detail || body.title || body.message || `${res.status} ${res.statusText}`;
  const code = body.code ?? byStatus[res.status] ?? 'internal';
  return new ApiError(
    res.status,
    code,
    text,
    body.requestId ?? res.headers.get('apigw-requestid') ?? '',
    Number(res.headers.get('retry-after')) || 0,
  );
}

/** fetch that throws ApiError, with code `offline` when nothing answered. */
export async function request(url: string, init: RequestInit, fetcher: typeof fetch = fetch): Promise<Response> {
  let res: Response;
  try {
    res = await fetcher(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'offline', String(cause));
  }
  if (!res.ok) throw await problemOf(res);
  return res;
}

/** Gives access tokens; renew is called once when the server refused one. */
export interface Tokens {
  token(): Promise<string>;
  renew(refused: string): Promise<string>;
}

interface Call {
  method?: string;
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const seg = encodeURIComponent;

/** What a message to people outside carries. */
export interface Letter {
  text?: string;
  /** rich text; an image of an upload is <img src="cid:<upload>"> */
  html?: string;
  to?: Address[];
  cc?: Address[];
  bcc?: Address[];
  attachments?: Pick<DraftFile, 'upload' | 'entry' | 'n' | 'name'>[];
  /** holds it for ten seconds */
  undo?: boolean;
  /** seq of the message that is passed on, and which of its files stay behind */
  forwards?: number;
  leaveOut?: number[];
  /** tag of the draft that this was */
  draft?: string;
}

/** A letter that begins a conversation. */
export interface FirstLetter extends Letter {
  account: string;
  subject: string;
  to: Address[];
  draftId?: string;
}

/** Where a draft belongs: to a mode of a thread, or, under an id of the client's making, to a message that shall begin one. */
export type DraftPlace = { thread: string; mode: 'reply' | 'note' | 'forward' } | { id: string };

const ifMatch = (revision: number): Record<string, string> => (revision ? { 'if-match': `"${revision}"` } : {});

const draftPath = (p: DraftPlace) => ('id' in p ? `/drafts/${seg(p.id)}` : `/threads/${seg(p.thread)}/drafts/${p.mode}`);

export class Api {
  /** Called when the server refused something: what is known of the user's rights may be old. */
  refused = () => {};

  constructor(
    private readonly tokens: Tokens,
    private readonly fetcher: typeof fetch = (...a) => fetch(...a),
  ) {}

  private async ask(path: string, call: Call, token: string): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${token}`, ...call.headers };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    if (call.key) headers['idempotency-key'] = call.key;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return request(`/api${path}`, { method: call.method ?? 'GET', headers, body, signal: call.signal }, this.fetcher);
  }

  private async respond(path: string, call: Call = {}): Promise<Response> {
    const token = await this.tokens.token();
    try {
      return await this.ask(path, call, token);
    } catch (err) {
      if (err instanceof ApiError && err.status === 403) this.refused();
      if (!(err instanceof ApiError) || err.status !== 401) throw err;
      return this.ask(path, call, await this.tokens.renew(token));
    }
  }

  /** For what pages behind the inbox ask, whose modules load with them. */
  async call<T>(path: string, call: Call = {}): Promise<T> {
    const res = await this.respond(path, call);
    return (res.status === 204 ? undefined : await res.json()) as T;
  }

  me = () => this.call<User>('/me');
  users = async () => (await this.call<{ users: User[] }>('/users')).users;
  invite = (email: string, name: string, role: Role) =>
    this.call<User>('/users', { method: 'POST', body: { email, ...(name ? { name } : {}), role } });
  setAccess = (user: string, disabled: boolean) => this.call<User>(`/users/${seg(user)}/access`, { method: 'PUT', body: { disabled } });
  setRole = (user: string, role: Role) => this.call<User>(`/users/${seg(user)}/role`, { method: 'PUT', body: { role } });
  setCapacity = (user: string, capacity: number) => this.call<User>(`/users/${seg(user)}/capacity`, { method: 'PUT', body: { capacity } });
  setAvailabilityOf = (user: string, available: boolean) =>
    this.call<User>(`/users/${seg(user)}/availability`, { method: 'PUT', body: { available } });
  handOver = (user: string, to: HandoverTo) => this.call<HandedOver>(`/users/${seg(user)}/handover`, { method: 'POST', body: to });
  roles = async () => (await this.call<{ roles: RoleView[] }>('/roles')).roles;
  load = () => this.call<Load>('/load');
  newTeam = (team: TeamBody) => this.call<Team>('/teams', { method: 'POST', body: team });
  putTeam = (id: string, team: TeamBody, revision = 0) =>
    this.call<Team>(`/teams/${seg(id)}`, { method: 'PUT', body: team, headers: ifMatch(revision) });
  removeTeam = (id: string) => this.call<void>(`/teams/${seg(id)}`, { method: 'DELETE' });
  /** Who changed which setting. */
  changes = (cursor = '') => this.call<ChangesPage>(`/changes${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  teams = async () => (await this.call<{ teams: Team[] }>('/teams')).teams;
  inboxes = () => this.call<{ inboxes: Inbox[]; every: boolean }>('/inboxes');
  counts = (inbox: string) => this.call<Counts>(`/inboxes/${seg(inbox)}/counts`);

  threads = (inbox: string, view: View, cursor = '', signal?: AbortSignal): Promise<ThreadPage> => {
    const { kind, id } = partsOf(view);
    const of = kind === 'channel' ? `&account=${seg(id)}` : kind === 'team' ? `&team=${seg(id)}` : '';
    return this.call(`/inboxes/${seg(inbox)}/threads?view=${kind}${of}${cursor ? `&cursor=${seg(cursor)}` : ''}`, { signal });
  };

  thread = (id: string, signal?: AbortSignal) => this.call<ThreadView>(`/threads/${seg(id)}`, { signal });
  /** Entries older than `before`, ascending. */
  older = (id: string, before: number) => this.call<EntryPage>(`/threads/${seg(id)}/entries?before=${before}`);
  body = (id: string, seq: number) => this.call<MailBody>(`/threads/${seg(id)}/entries/${seq}/body`);
  /** The mail as it came: text to look at, or a file to keep. */
  raw = (id: string, seq: number, as: 'text' | 'file') =>
    this.call<Link>(`/threads/${seg(id)}/entries/${seq}/raw${as === 'file' ? '?download=true' : ''}`);
  attachment = (id: string, seq: number, n: number) => this.call<Link>(`/threads/${seg(id)}/entries/${seq}/attachments/${n}`);

  send = (id: string, body: Letter, key: string) => this.call<Change>(`/threads/${seg(id)}/messages`, { method: 'POST', body, key });
  begin = (body: FirstLetter, key: string) => this.call<Change>('/threads', { method: 'POST', body, key });
  note = (id: string, body: { text: string; mentions?: Mention[]; draft?: string }, key: string) =>
    this.call<Change>(`/threads/${seg(id)}/comments`, { method: 'POST', body, key });
  /** Sends a held message now. */
  release = async (id: string, seq: number) =>
    (await this.call<{ delivery: Delivery }>(`/threads/${seg(id)}/messages/${seq}/release`, { method: 'POST' })).delivery;
  /** Takes a held message back; `conflict` once it is on its way. */
  withdraw = (id: string, seq: number) =>
    this.call<Change & { delivery: Delivery }>(`/threads/${seg(id)}/messages/${seq}/withdraw`, { method: 'POST' });

  /** Sends a message once more to those it did not reach. */
  retryMessage = (id: string, seq: number) =>
    this.call<Change & { delivery: Delivery }>(`/threads/${seg(id)}/messages/${seq}/retry`, { method: 'POST' });
  /** Whoever was not reached has been seen to. */
  seeUndelivered = (id: string) => this.call<Change>(`/threads/${seg(id)}/undelivered`, { method: 'DELETE' });
  /** Lets mail go to an address again that the mail system has taken off its list. */
  liftSuppression = (address: string) => this.call<void>(`/suppressed/${seg(address)}`, { method: 'DELETE' });

  threadDrafts = async (id: string) => (await this.call<{ drafts: Draft[] }>(`/threads/${seg(id)}/drafts`)).drafts;
  draft = (id: string) => this.call<Draft>(draftPath({ id }));
  drafts = (cursor = '') => this.call<DraftPage>(`/drafts${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  /** `tag` is that of the draft which is replaced, '' for none; `conflict` if it is another one by now. */
  putDraft = (p: DraftPlace, body: DraftBody, tag: string) =>
    this.call<Draft>(draftPath(p), { method: 'PUT', body, ...(tag ? { headers: { 'if-match': `"${tag}"` } } : {}) });
  removeDraft = (p: DraftPlace) => this.call<void>(draftPath(p), { method: 'DELETE', headers: { 'if-match': '*' } });

  newUpload = (name: string, type: string, size: number) => this.call<NewUpload>('/uploads', { method: 'POST', body: { name, type, size } });
  upload = (id: string) => this.call<{ url: string; type: string; size: number }>(`/uploads/${seg(id)}`);
  dropUpload = (id: string) => this.call<void>(`/uploads/${seg(id)}`, { method: 'DELETE' });

  snippets = async () => (await this.call<{ snippets: Snippet[] }>('/snippets')).snippets;
  /** Names that tokens of a snippet may have. */
  snippetTokens = async () => (await this.call<{ tokens: string[] }>('/snippets')).tokens;
  newSnippet = (body: SnippetBody) => this.call<Snippet>('/snippets', { method: 'POST', body });
  putSnippet = (id: string, body: SnippetBody, revision = 0) =>
    this.call<Snippet>(`/snippets/${seg(id)}`, { method: 'PUT', body, headers: ifMatch(revision) });
  removeSnippet = (id: string) => this.call<void>(`/snippets/${seg(id)}`, { method: 'DELETE' });
  articles = async () => (await this.call<{ articles: Article[] }>('/articles')).articles;
  newArticle = (body: ArticleBody) => this.call<Article>('/articles', { method: 'POST', body });
  putArticle = (id: string, body: ArticleBody, version: number) =>
    this.call<Article>(`/articles/${seg(id)}`, { method: 'PUT', body, headers: ifMatch(version) });
  removeArticle = (id: string) => this.call<void>(`/articles/${seg(id)}`, { method: 'DELETE' });
  /** What bots would answer a question with. */
  tryArticles = async (query: string) => (await this.call<{ hits: ArticleHit[] }>('/articles/try', { method: 'POST', body: { query } })).hits;
  /** Of a conversation and of its contact. */
  tickets = async (thread: string) => (await this.call<{ tickets: Ticket[] }>(`/threads/${seg(thread)}/tickets`)).tickets;
  makeTicket = (thread: string, subject: string, key: string) =>
    this.call<Ticket>(`/threads/${seg(thread)}/tickets`, { method: 'POST', body: { subject }, key });
  putTicket = (id: string, body: Pick<Ticket, 'subject' | 'stage' | 'version'>) => this.call<Ticket>(`/tickets/${seg(id)}`, { method: 'PUT', body });
  hours = async () => (await this.call<{ hours: HoursView[] }>('/hours')).hours;
  newHours = (h: HoursBody) => this.call<HoursView>('/hours', { method: 'POST', body: h });
  putHours = (id: string, h: HoursBody, revision = 0) =>
    this.call<HoursView>(`/hours/${seg(id)}`, { method: 'PUT', body: h, headers: ifMatch(revision) });
  removeHours = (id: string) => this.call<void>(`/hours/${seg(id)}`, { method: 'DELETE' });
  newInbox = (name: string) => this.call<Inbox>('/inboxes', { method: 'POST', body: { name } });
  renameInbox = (id: string, name: string, revision = 0) =>
    this.call<Inbox>(`/inboxes/${seg(id)}`, { method: 'PUT', body: { name }, headers: ifMatch(revision) });
  setMembers = (id: string, m: MembersBody, revision = 0) =>
    this.call<Inbox>(`/inboxes/${seg(id)}/members`, { method: 'PUT', body: m, headers: ifMatch(revision) });
  setInboxHours = (id: string, hours: string, revision = 0) =>
    this.call<Inbox>(`/inboxes/${seg(id)}/hours`, { method: 'PUT', body: { hours }, headers: ifMatch(revision) });
  routing = (inbox: string) => this.call<Plan>(`/inboxes/${seg(inbox)}/routing`);
  /** The revision of rules that nobody set up is 0, and must be named. */
  setRouting = (inbox: string, plan: PlanBody, revision: number) =>
    this.call<Plan>(`/inboxes/${seg(inbox)}/routing`, { method: 'PUT', body: plan, headers: { 'if-match': `"${revision}"` } });
  tryRouting = (inbox: string, message: TryPlan) => this.call<Routing>(`/inboxes/${seg(inbox)}/routing/try`, { method: 'POST', body: message });
  setup = () => this.call<Setup>('/setup');
  setWorkspace = (w: WorkspaceBody, revision = 0) => this.call<void>('/workspace', { method: 'PUT', body: w, headers: ifMatch(revision) });
  /** A kept text with its tokens filled for a thread. */
  fillSnippet = (thread: string, id: string) => this.call<{ text: string; html?: string }>(`/threads/${seg(thread)}/snippets/${seg(id)}`);
  assign = (id: string, agent: string) => this.call<Change>(`/threads/${seg(id)}/assignee`, { method: 'PUT', body: { agent } });
  assignTeam = (id: string, team: string) => this.call<Change>(`/threads/${seg(id)}/assignee`, { method: 'PUT', body: { team } });
  tag = (id: string, change: TagChange) => this.call<Change>(`/threads/${seg(id)}/tags`, { method: 'PUT', body: change });
  prioritise = (id: string, priority: Priority) => this.call<Change>(`/threads/${seg(id)}/priority`, { method: 'PUT', body: { priority } });
  /** Until a time, or until they reply. */
  snooze = (id: string, until?: string) => this.call<Change>(`/threads/${seg(id)}/snooze`, { method: 'PUT', body: until ? { until } : {} });
  wake = (id: string) => this.call<Change>(`/threads/${seg(id)}/snooze`, { method: 'DELETE' });
  move = (id: string, inbox: string) => this.call<Change>(`/threads/${seg(id)}/inbox`, { method: 'PUT', body: { inbox } });
  seeMention = (id: string) => this.call<Change>(`/threads/${seg(id)}/mention`, { method: 'DELETE' });
  /** Changes up to a hundred conversations; each has its own result. */
  bulk = async (threads: string[], change: BulkChange) =>
    (await this.call<{ results: BulkResult[] }>('/threads/bulk', { method: 'POST', body: { threads, change } })).results;
  tags = async () => (await this.call<{ tags: Tag[] }>('/tags')).tags;
  newTag = (name: string, colour?: TagBody['colour']) => this.call<Tag>('/tags', { method: 'POST', body: { name, ...(colour ? { colour } : {}) } });
  putTag = (id: string, tag: TagBody, revision = 0) => this.call<Tag>(`/tags/${seg(id)}`, { method: 'PUT', body: tag, headers: ifMatch(revision) });
  removeTag = (id: string) => this.call<void>(`/tags/${seg(id)}`, { method: 'DELETE' });
  status = (id: string, status: 'open' | 'closed') => this.call<Change>(`/threads/${seg(id)}/status`, { method: 'PUT', body: { status } });
  /** Hands a conversation back to its bot, or takes it over. */
  bot = (id: string, on: boolean) => this.call<Change>(`/threads/${seg(id)}/bot`, { method: 'PUT', body: { on } });
  read = (id: string, seq: number) => this.call<void>(`/threads/${seg(id)}/read`, { method: 'PUT', body: { seq } });

  folder = (id: string, folder: Folder, blockSender = false) =>
    this.call<Change>(`/threads/${seg(id)}/folder`, { method: 'PUT', body: { folder, ...(blockSender ? { blockSender } : {}) } });
  contact = (id: string, who: Address) =>
    this.call<Change>(`/threads/${seg(id)}/contact`, { method: 'PUT', body: { address: who.email, ...(who.name ? { name: who.name } : {}) } });

  ticket = () => this.call<SocketTicket>('/ticket', { method: 'POST' });

  quarantine = (state: 'open' | 'resolved', cursor = '') =>
    this.call<QuarantinePage>(`/quarantine?state=${state}${cursor ? `&cursor=${seg(cursor)}` : ''}`);
  quarantined = (id: string) => this.call<Quarantined>(`/quarantine/${seg(id)}`);
  quarantineRaw = (id: string, as: 'text' | 'file') => this.call<Link>(`/quarantine/${seg(id)}/raw${as === 'file' ? '?download=true' : ''}`);
  reprocess = (id: string) => this.call<Quarantined>(`/quarantine/${seg(id)}/reprocess`, { method: 'POST' });
  /** Runs every page of the quarantine again; says how many mails that are. */
  reprocessAll = async (): Promise<number> => {
    let queued = 0;
    let cursor = '';
    do {
      const page = await this.call<{ queued: number; next: string }>(`/quarantine/reprocess${cursor ? `?cursor=${seg(cursor)}` : ''}`, {
        method: 'POST',
      });
      queued += page.queued;
      cursor = page.next;
    } while (cursor);
    return queued;
  };
  /** What became of the mail of the last days, today first. */
  ledger = (days: number) => this.call<Ledger>(`/ledger?days=${days}`);

  channels = () => this.call<ChannelPage>('/channels');
  connect = (c: Connection) => this.call<ChannelView>('/channels', { method: 'POST', body: c });
  editChannel = (id: string, edit: ChannelEdit, revision = 0) =>
    this.call<ChannelView>(`/channels/${seg(id)}`, { method: 'PUT', body: edit, headers: ifMatch(revision) });
  disconnect = (id: string, revision = 0) => this.call<ChannelView>(`/channels/${seg(id)}`, { method: 'DELETE', headers: ifMatch(revision) });
  checkChannel = (id: string) => this.call<ChannelView>(`/channels/${seg(id)}/check`, { method: 'POST' });
  testChannel = (id: string) => this.call<ChannelView>(`/channels/${seg(id)}/test`, { method: 'POST' });
  dismissConfirmation = (id: string) => this.call<ChannelView>(`/channels/${seg(id)}/confirmation`, { method: 'DELETE' });

  notices = (cursor = '') => this.call<NoticePage>(`/notices${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  seeNotices = (at: string) => this.call<void>('/notices/seen', { method: 'PUT', body: { at } });
  prefs = () => this.call<Prefs>('/me/notifications');
  setPrefs = (p: Prefs) => this.call<Prefs>('/me/notifications', { method: 'PUT', body: p });

  devices = () => this.call<Devices>('/me/push');
  addDevice = (d: { endpoint: string; p256dh: string; auth: string; name: string }) => this.call<Device>('/me/push', { method: 'POST', body: d });
  deleteDevice = (id: string) => this.call<void>(`/me/push/${seg(id)}`, { method: 'DELETE' });

  setAvailable = (available: boolean) => this.call<User>('/me/availability', { method: 'PUT', body: { available } });
  /** `picture` is base64, '' takes it away, absent leaves it. */
  setProfile = (p: { name: string; meeting?: string; picture?: string }) => this.call<User>('/me/profile', { method: 'PUT', body: p });

  /** Rich text, '' for none. */
  setSignature = (html: string) => this.call<User>('/me/signature', { method: 'PUT', body: { html } });

  person = (id: string) => this.call<ContactView>(`/contacts/${seg(id)}`);
  editContact = (id: string, edit: PersonEdit) => this.call<ContactView>(`/contacts/${seg(id)}`, { method: 'PATCH', body: edit });
  newContact = (edit: PersonEdit) => this.call<ContactView>('/contacts', { method: 'POST', body: edit });
  /** From now on lists show this visitor. */
  keepContact = (id: string) => this.call<ContactView>(`/contacts/${seg(id)}/keep`, { method: 'POST' });
  past = (id: string, cursor = '') => this.call<PastPage>(`/contacts/${seg(id)}/threads${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  pages = async (id: string) => (await this.call<{ pages: SeenPage[] }>(`/contacts/${seg(id)}/pages`)).pages;
  timeline = (id: string, cursor = '') => this.call<TimelinePage>(`/contacts/${seg(id)}/timeline${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  addNote = (id: string, text: string) => this.call<PersonLine>(`/contacts/${seg(id)}/notes`, { method: 'POST', body: { text } });
  editNote = (id: string, note: string, text: string) =>
    this.call<PersonLine>(`/contacts/${seg(id)}/notes/${seg(note)}`, { method: 'PUT', body: { text } });
  removeNote = (id: string, note: string) => this.call<void>(`/contacts/${seg(id)}/notes/${seg(note)}`, { method: 'DELETE' });
  /** Everything of somebody, everywhere; it goes on by itself. */
  erase = (id: string) => this.call<void>(`/contacts/${seg(id)}/erase`, { method: 'POST' });
  duplicates = async (id: string) => (await this.call<{ duplicates: AlikeView[] }>(`/contacts/${seg(id)}/duplicates`)).duplicates;
  keepApart = (id: string, other: string) => this.call<void>(`/contacts/${seg(id)}/distinct/${seg(other)}`, { method: 'PUT' });
  merge = (id: string, other: string) => this.call<ContactView>(`/contacts/${seg(id)}/merged/${seg(other)}`, { method: 'PUT' });
  unmerge = (id: string, other: string) => this.call<void>(`/contacts/${seg(id)}/merged/${seg(other)}`, { method: 'DELETE' });
  contacts = (cursor = '', list = '') => {
    const q = new URLSearchParams({ ...(cursor ? { cursor } : {}), ...(list ? { list } : {}) }).toString();
    return this.call<ContactPage>(`/contacts${q ? `?${q}` : ''}`);
  };
  searchContacts = (conditions: ListCondition[], cursor = '') =>
    this.call<ContactPage>('/contacts/search', { method: 'POST', body: { conditions, ...(cursor ? { cursor } : {}) } });
  lists = async () => (await this.call<{ lists: ContactList[] }>('/lists')).lists;
  newList = (l: ListFields) => this.call<ContactList>('/lists', { method: 'POST', body: l });
  putList = (id: string, l: ListFields, revision: number) =>
    this.call<ContactList>(`/lists/${seg(id)}`, { method: 'PUT', body: l, headers: ifMatch(revision) });
  removeList = (id: string) => this.call<void>(`/lists/${seg(id)}`, { method: 'DELETE' });
  /** A visitor becomes a contact by it. */
  putOnList = (contact: string, list: string) => this.call<ContactView>(`/contacts/${seg(contact)}/lists/${seg(list)}`, { method: 'PUT' });
  takeOffList = (contact: string, list: string) => this.call<ContactView>(`/contacts/${seg(contact)}/lists/${seg(list)}`, { method: 'DELETE' });
  suggest = (q: string) => this.call<{ contacts: Person[]; companies: Company[] }>(`/contacts/suggest?q=${seg(q)}`);
  companies = (cursor = '') => this.call<{ companies: Company[]; next: string }>(`/companies${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  editCompany = (id: string, edit: CompanyEdit, edition = 0) =>
    this.call<CompanyView>(`/companies/${seg(id)}`, { method: 'PATCH', body: edit, headers: ifMatch(edition) });
  newCompany = (name: string) => this.call<CompanyView>('/companies', { method: 'POST', body: { name } });
  company = (id: string) => this.call<CompanyView>(`/companies/${seg(id)}`);
  /** Conversations of a company's people, but for one of them. */
  colleagues = async (id: string, except: string) =>
    (await this.call<{ threads: ColleagueThread[] }>(`/companies/${seg(id)}/threads?except=${seg(except)}`)).threads;
  /** All contacts as CSV, in parts that joined are one file. */
  exportContacts = async (): Promise<string[]> => {
    const parts: string[] = [];
    let cursor = '';
    do {
      const res = await this.respond(`/contacts/export${cursor ? `?cursor=${seg(cursor)}` : ''}`, { headers: { accept: 'text/csv' } });
      parts.push(await res.text());
      cursor = res.headers.get('x-next') ?? '';
    } while (cursor);
    return parts;
  };
  imports = async () => (await this.call<{ imports: Import[] }>('/imports')).imports;
  previewImport = (upload: string, mapping?: string[]) =>
    this.call<ImportPreview>('/imports/preview', { method: 'POST', body: { upload, ...(mapping ? { mapping } : {}) } });
  startImport = (upload: string, name: string, mapping: string[], fill: boolean) =>
    this.call<Import>('/imports', { method: 'POST', body: { upload, name, mapping, fill } });
  badRows = (id: string) => this.call<{ rows: BadRow[]; next: string }>(`/imports/${seg(id)}/bad`);
  undoImport = (id: string) => this.call<Import>(`/imports/${seg(id)}/undo`, { method: 'POST' });
  properties = async () => (await this.call<{ properties: Property[] }>('/properties')).properties;
  /** Calling code of numbers without a country, "" for none. */
  homeCode = async () => (await this.call<{ home: string }>('/properties')).home;
  setHome = (code: string) => this.call<void>('/properties/home', { method: 'PUT', body: { code } });
  newProperty = (p: PropertyFields & Pick<Property, 'of' | 'kind'>) => this.call<Property>('/properties', { method: 'POST', body: p });
  putProperty = (p: Pick<Property, 'of' | 'id'>, f: PropertyFields) =>
    this.call<Property>(`/properties/${p.of}/${seg(p.id)}`, { method: 'PUT', body: f });

  chats = async () => (await this.call<{ chats: ChatView[] }>('/chats')).chats;
  newChat = (inbox: string, name: string, origin: string) => this.call<ChatView>('/chats', { method: 'POST', body: { inbox, name, origin } });
  setWidget = (w: Widget) => this.call<ChatView>(`/chats/${seg(w.account)}/widget`, { method: 'PUT', body: w });
  newFlow = (f: Flow) => this.call<Flow>(`/chats/${seg(f.account)}/flows`, { method: 'POST', body: f });
  setFlow = (f: Flow) => this.call<Flow>(`/chats/${seg(f.account)}/flows/${seg(f.id)}`, { method: 'PUT', body: f });
  removeFlow = (f: Flow) => this.call<void>(`/chats/${seg(f.account)}/flows/${seg(f.id)}`, { method: 'DELETE' });
  orderFlows = (account: string, flows: string[]) => this.call<ChatView>(`/chats/${seg(account)}/order`, { method: 'PUT', body: { flows } });
  /** The secret that the team's pages sign identities with; POST makes another. */
  identitySecret = (account: string, method: 'GET' | 'POST') =>
    this.call<{ secret: string; generation: number }>(`/chats/${seg(account)}/identity`, { method });
  tryPage = (account: string, page: string) => this.call<Tried>(`/chats/${seg(account)}/try`, { method: 'POST', body: { page } });

  filters = (inbox: string) => this.call<Filters>(`/inboxes/${seg(inbox)}/filters`);
  setFilters = (inbox: string, f: FilterChange) => this.call<Filters>(`/inboxes/${seg(inbox)}/filters`, { method: 'PATCH', body: f });
  filterEntries = (inbox: string, list: ListName, cursor = '') =>
    this.call<ListedPage>(`/inboxes/${seg(inbox)}/filters/${list}${cursor ? `?cursor=${seg(cursor)}` : ''}`);
  /** The entry of exactly this name, or null. */
  filterEntry = (inbox: string, list: ListName, entry: string) =>
    this.call<Listed>(`/inboxes/${seg(inbox)}/filters/${list}/${seg(entry)}`).catch((err: unknown) => {
      if (err instanceof ApiError && err.code === 'notfound') return null;
      throw err;
    });
  addFilterEntry = (inbox: string, list: ListName, entry: string) =>
    this.call<Listed>(`/inboxes/${seg(inbox)}/filters/${list}/${seg(entry)}`, { method: 'PUT' });
  removeFilterEntry = (inbox: string, list: ListName, entry: string) =>
    this.call<void>(`/inboxes/${seg(inbox)}/filters/${list}/${seg(entry)}`, { method: 'DELETE' });
}

/** What the page must know before anybody signed in. */
export async function loadConfig(fetcher: typeof fetch = fetch): Promise<Config> {
  return (await request('/api/config', { headers: { accept: 'application/json' } }, fetcher)).json() as Promise<Config>;
}
