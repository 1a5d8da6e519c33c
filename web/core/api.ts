/**
 * The HTTP API of agents.
 * Owns: URLs, headers, the one mapping from problem+json to ApiError. Never: caching, retries beyond one renewed token. Imported by: outbox, app.
 */
import type {
  Address,
  ApiProblem,
  Change,
  Config,
  Counts,
  EntryPage,
  Inbox,
  Link,
  MailBody,
  Quarantined,
  ThreadPage,
  ThreadView,
  Ticket,
  User,
  View,
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
  signal?: AbortSignal;
}

const seg = encodeURIComponent;

export class Api {
  constructor(
    private readonly tokens: Tokens,
    private readonly fetcher: typeof fetch = (...a) => fetch(...a),
  ) {}

  private async send(path: string, call: Call, token: string): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${token}` };
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    if (call.key) headers['idempotency-key'] = call.key;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    return request(`/api${path}`, { method: call.method ?? 'GET', headers, body, signal: call.signal }, this.fetcher);
  }

  private async call<T>(path: string, call: Call = {}): Promise<T> {
    const token = await this.tokens.token();
    let res: Response;
    try {
      res = await this.send(path, call, token);
    } catch (err) {
      if (!(err instanceof ApiError) || err.status !== 401) throw err;
      res = await this.send(path, call, await this.tokens.renew(token));
    }
    return (res.status === 204 ? undefined : await res.json()) as T;
  }

  me = () => this.call<User>('/me');
  users = async () => (await this.call<{ users: User[] }>('/users')).users;
  inboxes = async () => (await this.call<{ inboxes: Inbox[] }>('/inboxes')).inboxes;
  counts = (inbox: string) => this.call<Counts>(`/inboxes/${seg(inbox)}/counts`);

  threads = (inbox: string, view: View, cursor = '', signal?: AbortSignal): Promise<ThreadPage> =>
    this.call(`/inboxes/${seg(inbox)}/threads?view=${view}${cursor ? `&cursor=${seg(cursor)}` : ''}`, { signal });

  thread = (id: string, signal?: AbortSignal) => this.call<ThreadView>(`/threads/${seg(id)}`, { signal });
  /** Entries older than `before`, ascending. */
  older = (id: string, before: number) => this.call<EntryPage>(`/threads/${seg(id)}/entries?before=${before}`);
  body = (id: string, seq: number) => this.call<MailBody>(`/threads/${seg(id)}/entries/${seq}/body`);
  raw = (id: string, seq: number) => this.call<Link>(`/threads/${seg(id)}/entries/${seq}/raw`);
  attachment = (id: string, seq: number, n: number) => this.call<Link>(`/threads/${seg(id)}/entries/${seq}/attachments/${n}`);

  reply = (id: string, body: { text: string; to?: Address[]; cc?: Address[] }, key: string) =>
    this.call<Change>(`/threads/${seg(id)}/messages`, { method: 'POST', body, key });
  note = (id: string, text: string, key: string) => this.call<Change>(`/threads/${seg(id)}/comments`, { method: 'POST', body: { text }, key });
  assign = (id: string, agent: string) => this.call<Change>(`/threads/${seg(id)}/assignee`, { method: 'PUT', body: { agent } });
  status = (id: string, status: 'open' | 'closed') => this.call<Change>(`/threads/${seg(id)}/status`, { method: 'PUT', body: { status } });
  read = (id: string, seq: number) => this.call<void>(`/threads/${seg(id)}/read`, { method: 'PUT', body: { seq } });

  ticket = () => this.call<Ticket>('/ticket', { method: 'POST' });
  quarantine = async () => (await this.call<{ mails: Quarantined[] }>('/quarantine')).mails;
  quarantineRaw = (id: string) => this.call<Link>(`/quarantine/${seg(id)}/raw`);
}

/** What the page must know before anybody signed in. */
export async function loadConfig(fetcher: typeof fetch = fetch): Promise<Config> {
  return (await request('/api/config', { headers: { accept: 'application/json' } }, fetcher)).json() as Promise<Config>;
}
