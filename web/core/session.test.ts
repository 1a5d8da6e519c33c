import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api, ApiError } from './api';
import { Session } from './session';

class Memory {
  map = new Map<string, string>();
  getItem = (k: string) => this.map.get(k) ?? null;
  setItem = (k: string, v: string) => void this.map.set(k, v);
  removeItem = (k: string) => void this.map.delete(k);
  clear = () => this.map.clear();
  key = () => null;
  length = 0;
}

const user = { id: 'u1', name: 'Mara', email: 'm@x.example', role: 'agent' };
const grant = (n: number) => Response.json({ accessToken: `a${n}`, expiresIn: 3600, user });
const denied = () => Response.json({ code: 'denied', detail: 'no', requestId: 'r1' }, { status: 401 });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('location', { origin: 'https://p.example' });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Answers by path; counts calls. */
function server(answers: Record<string, (init: RequestInit) => Response>) {
  const calls: string[] = [];
  const fetcher = (async (url: string, init: RequestInit = {}) => {
    calls.push(`${init.method ?? 'GET'} ${url}`);
    const answer = answers[url];
    if (!answer) throw new TypeError('network');
    return answer(init);
  }) as unknown as typeof fetch;
  return { calls, fetcher };
}

describe('session', () => {
  it('comes back with the cookie and sends the header against forged requests', async () => {
    const { fetcher } = server({ '/api/session/refresh': (i) => ((i.headers as Record<string, string>)['x-parley'] === '1' ? grant(1) : denied()) });
    const s = new Session(new Memory(), fetcher);
    await s.restore();
    expect([s.state, s.user?.name, await s.token()]).toEqual(['in', 'Mara', 'a1']);
  });

  it('is out without a cookie and unreachable without a server', async () => {
    const out = new Session(new Memory(), server({ '/api/session/refresh': denied }).fetcher);
    await out.restore();
    expect(out.state).toBe('out');
    const gone = new Session(new Memory(), server({}).fetcher);
    await gone.restore();
    expect(gone.state).toBe('unreachable');
  });

  it('renews before the end, once for all who ask', async () => {
    let n = 0;
    const { calls, fetcher } = server({ '/api/session/refresh': () => grant(++n) });
    const s = new Session(new Memory(), fetcher);
    await s.restore();
    await vi.advanceTimersByTimeAsync(3_540_000);
    expect(await Promise.all([s.token(), s.token()])).toEqual(['a2', 'a2']);
    expect(calls).toHaveLength(2);
  });

  it('ends, and keeps the user, when a refresh is refused', async () => {
    let first = true;
    const { fetcher } = server({
      '/api/session/refresh': () => {
        if (!first) return denied();
        first = false;
        return grant(1);
      },
    });
    const s = new Session(new Memory(), fetcher);
    await s.restore();
    await expect(s.renew('a1')).rejects.toThrow('no');
    expect([s.state, s.user?.id]).toEqual(['ended', 'u1']);
  });

  it('goes to the issuer with PKCE and comes back to where it was', async () => {
    const { fetcher } = server({
      '/api/config': () =>
        Response.json({ issuer: 'https://id.example/', clientId: 'web', scopes: 'openid email', product: 'Parley', mailDomain: 'x.example' }),
      'https://id.example/.well-known/openid-configuration': () => Response.json({ authorization_endpoint: 'https://id.example/authorize' }),
      '/api/session': (i) => (String(i.body).includes('"code":"C"') && String(i.body).includes('"verifier":"') ? grant(1) : denied()),
    });
    const s = new Session(new Memory(), fetcher);
    const url = new URL(await s.begin('/inbox/1/open?x=1'));
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
    expect(url.searchParams.get('redirect_uri')).toBe('https://p.example/callback');
    const state = url.searchParams.get('state') ?? '';
    expect(await s.complete(new URLSearchParams({ code: 'C', state }))).toBe('/inbox/1/open?x=1');
    expect(s.state).toBe('in');
  });

  it('refuses an answer it did not ask for', async () => {
    const s = new Session(new Memory(), server({}).fetcher);
    await expect(s.complete(new URLSearchParams({ code: 'C', state: 'forged' }))).rejects.toBeInstanceOf(ApiError);
  });
});

describe('api', () => {
  it('renews a refused token once and repeats the request', async () => {
    let n = 0;
    const seen: string[] = [];
    const tokens = { token: async () => 'old', renew: async () => 'new' };
    const api = new Api(tokens, (async (_: string, init: RequestInit) => {
      seen.push((init.headers as Record<string, string>).authorization ?? '');
      return n++ === 0 ? denied() : Response.json(user);
    }) as unknown as typeof fetch);
    expect((await api.me()).name).toBe('Mara');
    expect(seen).toEqual(['Bearer old', 'Bearer new']);
  });

  it('speaks the server’s words in errors', async () => {
    const body = { code: 'busy', detail: 'Too many', requestId: 'r9', title: 'Busy', status: 503 };
    const api = new Api({ token: async () => 't', renew: async () => 't' }, (async () =>
      Response.json(body, { status: 503, headers: { 'retry-after': '3' } })) as unknown as typeof fetch);
    await expect(api.me()).rejects.toMatchObject({ code: 'busy', message: 'Too many', requestId: 'r9', retryAfter: 3, passing: true });
  });

  it('knows a gateway’s bare 401 from a lost line', async () => {
    const tokens = { token: async () => 't', renew: async () => 't' };
    const bare = new Api(tokens, (async () => new Response('{"message":"Unauthorized"}', { status: 401 })) as unknown as typeof fetch);
    await expect(bare.me()).rejects.toMatchObject({ status: 401, code: 'denied' });
    const gone = new Api(tokens, (async () => Promise.reject(new TypeError('x'))) as unknown as typeof fetch);
    await expect(gone.me()).rejects.toMatchObject({ status: 0, code: 'offline' });
  });
});
