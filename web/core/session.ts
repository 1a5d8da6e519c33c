/**
 * Sign-in: authorization code with PKCE (RFC 7636) at the issuer, the exchange at /api/session, silent refresh by its HttpOnly cookie.
 * Owns: the access token (memory only), when it is renewed, who is signed in. Never: storage of tokens, user interface. Imported by: api, app.
 */
import { ApiError, loadConfig, request, type Tokens } from './api';
import type { Config, Grant, User } from './wire';

/** `starting` until the first refresh answered; `ended` when a session that was in use was refused. */
export type SessionState = 'starting' | 'unreachable' | 'out' | 'in' | 'ended';

/** What must outlive the trip to the issuer. */
interface Trip {
  verifier: string;
  state: string;
  returnTo: string;
}

const tripKey = 'parley.trip';
const early = 60_000; // ms before expiry at which the token is renewed

export class Session implements Tokens {
  state: SessionState = 'starting';
  user: User | null = null;
  /** Access to the workspace has ended: signing in again does not help. */
  barred = false;
  private access = '';
  private until = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewing: Promise<string> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly store: Storage,
    private readonly fetcher: typeof fetch = (...a) => fetch(...a),
  ) {}

  /** The user changed something about themselves. */
  know(user: User): void {
    this.user = user;
    for (const fn of this.listeners) fn();
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };
  snapshot = (): SessionState => this.state;

  /** Asks for a token with the cookie of an earlier visit. */
  async restore(): Promise<void> {
    try {
      await this.renew('');
    } catch (err) {
      if (this.state === 'starting' || this.state === 'unreachable') this.become(err instanceof ApiError && err.passing ? 'unreachable' : 'out');
    }
  }

  async token(): Promise<string> {
    if (this.access && Date.now() < this.until - 5_000) return this.access;
    return this.renew(this.access);
  }

  /** One refresh at a time. Throws ApiError; a refusal ends the session. */
  renew(refused: string): Promise<string> {
    if (this.access && this.access !== refused) return Promise.resolve(this.access);
    this.renewing ??= this.refresh().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async refresh(): Promise<string> {
    try {
      const res = await request('/api/session/refresh', { method: 'POST', headers: { 'x-parley': '1' }, credentials: 'same-origin' }, this.fetcher);
      return this.take((await res.json()) as Grant);
    } catch (err) {
      if (err instanceof ApiError && err.status === 403) this.bar();
      if (err instanceof ApiError && err.status === 401) {
        this.access = '';
        this.become(this.user ? 'ended' : 'out');
      }
      throw err;
    }
  }

  private take(g: Grant): string {
    this.access = g.accessToken;
    this.user = g.user;
    this.until = Date.now() + g.expiresIn * 1000;
    this.barred = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(this.access).catch(() => {}), Math.max(5_000, g.expiresIn * 1000 - early));
    this.become('in');
    return g.accessToken;
  }

  /** Leaves for the issuer's sign-in page; comes back at /callback and then at returnTo. */
  async begin(returnTo: string): Promise<string> {
    const config = await loadConfig(this.fetcher);
    const meta = await discover(config, this.fetcher);
    const trip: Trip = { verifier: random(), state: random(), returnTo };
    this.store.setItem(tripKey, JSON.stringify(trip));
    const q = new URLSearchParams({
      response_type: 'code',
      client_id: config.clientId,
      redirect_uri: `${location.origin}/callback`,
      scope: config.scopes,
      state: trip.state,
      code_challenge: await challenge(trip.verifier),
      code_challenge_method: 'S256',
    });
    return `${meta.authorization_endpoint}?${q}`;
  }

  /** Finishes the trip with the issuer's answer; returns where to go on. */
  async complete(query: URLSearchParams): Promise<string> {
    const trip = JSON.parse(this.store.getItem(tripKey) ?? 'null') as Trip | null;
    this.store.removeItem(tripKey);
    if (!trip || trip.state !== query.get('state')) throw new ApiError(0, 'denied', 'state');
    const failed = query.get('error_description') ?? query.get('error');
    if (failed) throw new ApiError(0, 'denied', failed);
    const body = JSON.stringify({ code: query.get('code'), verifier: trip.verifier, redirectUri: `${location.origin}/callback` });
    const res = await request('/api/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body }, this.fetcher);
    this.take((await res.json()) as Grant);
    return trip.returnTo;
  }

  /** Signs out here; the cookie is cleared and the refresh token revoked. */
  async end(): Promise<void> {
    await request('/api/session', { method: 'DELETE', headers: { 'x-parley': '1' } }, this.fetcher);
    this.forget();
  }

  /** Drops what this tab knows, for instance because another tab signed out. */
  forget(): void {
    clearTimeout(this.timer);
    this.access = '';
    this.user = null;
    this.become('out');
  }

  /** Drops it because access to the workspace has ended. */
  bar(): void {
    this.barred = true;
    this.forget();
  }

  private become(s: SessionState): void {
    if (this.state === s) return;
    this.state = s;
    for (const fn of this.listeners) fn();
  }
}

async function discover(c: Config, fetcher: typeof fetch): Promise<{ authorization_endpoint: string }> {
  const res = await request(`${c.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {}, fetcher);
  return res.json() as Promise<{ authorization_endpoint: string }>;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** 256 bits, base64url. */
export function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** The S256 challenge of a verifier, RFC 7636 §4.2. */
export async function challenge(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}
