/**
 * The visitors' door over HTTP (functions/visitorapi; its types are generated from there).
 * Owns: addresses, errors. Never: retries. Imported by: loader, panel.
 */
import type { Shown as BotShown, Config, Conversation, Identity, SessionOutBody, TicketOutBody } from '../core/visitorapi.gen';

export type { BotLine, Config, Flow, Identity, Person, Shown as BotShown, VisitorBot, VisitorLine } from '../core/visitorapi.gen';
export type Talk = Conversation;

/** Whether the door refused, or nobody answered. The loader's errors reach the panel, whose class of that name is another. */
export const isRefused = (e: unknown): e is Refused => e instanceof Error && e.name === 'Refused';

export class Refused extends Error {
  override name = 'Refused';

  constructor(
    /** 0: nobody answered */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Where the browser is. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';

export class Api {
  token = '';
  /** what the page says of who is signed in on it */
  identity: Identity | undefined;

  constructor(
    readonly origin: string,
    readonly account: string,
  ) {}

  config(page: string, lang: string): Promise<Config> {
    return this.call('GET', `config?lang=${lang}&page=${encodeURIComponent(page.slice(0, 2000))}`);
  }
  session(token: string | undefined, conversation: number, on?: { flow: string; page: string; lang?: string }): Promise<SessionOutBody> {
    return this.call('POST', 'session', { token: token ?? '', conversation, zone: zone(), identity: this.identity, ...on });
  }
  ticket(conversation: number): Promise<TicketOutBody> {
    return this.call('POST', 'ticket', { conversation });
  }
  say(body: {
    conversation: number;
    client: string;
    text: string;
    page: string;
    title: string;
    flow: string;
    lang?: string;
    shown?: BotShown;
    seen?: number;
  }): Promise<Talk> {
    return this.call('POST', 'messages', { ...body, zone: zone() });
  }
  lines(conversation: number, after: number): Promise<Talk> {
    return this.call('GET', `messages?conversation=${conversation}&after=${after}`);
  }
  introduce(conversation: number, email: string, name: string): Promise<void> {
    return this.call('POST', 'introduce', { conversation, email, name });
  }
  face(id: string): string {
    return `${this.base()}face/${id}`;
  }

  file(id: string): string {
    return `${this.base()}file/${id}`;
  }

  private base(): string {
    return `${this.origin}/api/visitor/${this.account}/`;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {};
    if (body) headers['Content-Type'] = 'application/json';
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    let res: Response;
    try {
      res = await fetch(this.base() + path, { method, headers, body: body ? JSON.stringify(body) : undefined, credentials: 'omit' });
    } catch {
      throw new Refused(0, '');
    }
    if (res.status === 204) return undefined as T;
    const answer = (await res.json().catch(() => ({}))) as { detail?: string };
    if (!res.ok) throw new Refused(res.status, answer.detail ?? '');
    return answer as T;
  }
}
