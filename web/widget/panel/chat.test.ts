// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api, Refused, type Talk, type VisitorBot, type VisitorLine } from '../api';
import { Keep } from '../store';
import { Chat } from './chat';

class Socket {
  static last: Socket;
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((m: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    Socket.last = this;
  }
  send(s: string) {
    this.sent.push(JSON.parse(s));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(f: unknown) {
    this.onmessage?.({ data: JSON.stringify(f) });
  }
}

const line = (seq: number, by: VisitorLine['by'], text: string, more: Partial<VisitorLine> = {}): VisitorLine =>
  ({ seq, at: '2026-11-25T10:00:00Z', by, text, ...more }) as VisitorLine;
const talk = (from: number, seq: number, ...lines: VisitorLine[]): Talk => ({ begun: seq > 0, closed: false, from, seq, lines });

class Fake extends Api {
  posted: string[] = [];
  fails: Error | undefined;
  saved: Talk = talk(0, 0);
  override session = async (_token?: string) => ({ token: 'tok', known: true, conversation: this.saved }) as never;
  override ticket = async () => ({ ticket: 't', url: 'wss://x', protocol: 'parley' }) as never;
  override lines = async () => this.saved;
  override say = async (b: { client: string; text: string }) => {
    if (this.fails) throw this.fails;
    this.posted.push(b.text);
    return talk(1, 2, line(2, 'visitor', b.text, { client: b.client }));
  };
}

async function open(api = new Fake('https://p.example', 'a1')) {
  const keep = new Keep('a1');
  const chat = new Chat(
    api,
    keep,
    () => ({ page: 'https://s.example/', title: 'S', flow: 'f1' }),
    () => new Socket() as unknown as WebSocket,
  );
  await chat.start();
  await vi.advanceTimersByTimeAsync(0);
  return { chat, keep, api };
}

let chats: Chat[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  vi.stubGlobal('BroadcastChannel', undefined); // one tab
});
afterEach(() => {
  for (const c of chats) c.stop();
  chats = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a message goes over the socket, stays until its line comes, and is shown once', async () => {
  const { chat, keep } = await open();
  chats.push(chat);
  Socket.last.open();
  expect(Socket.last.sent[0]).toEqual({ action: 'resume', after: 0 });
  chat.say('Hello');
  const said = Socket.last.sent.at(-1) as { client: string };
  expect(said).toMatchObject({ action: 'say', text: 'Hello', page: 'https://s.example/', flow: 'f1' });
  Socket.last.say({ t: 'said', client: said.client, seq: 2 });
  expect(chat.shown.pending).toMatchObject([{ text: 'Hello', kept: true }]);
  Socket.last.say({ t: 'lines', from: 1, seq: 2, lines: [line(2, 'visitor', 'Hello', { client: said.client })] });
  expect(chat.shown.pending).toEqual([]);
  expect(chat.shown.lines.map((l) => l.text)).toEqual(['Hello']);
  expect(keep.get()).toMatchObject({ begun: true, outbox: [], token: 'tok' });
});

test('what was written without a line survives the tab and goes out once there is one', async () => {
  const api = new Fake('https://p.example', 'a1');
  api.fails = new Refused(0, '');
  const { chat } = await open(api);
  chat.say('First');
  await vi.advanceTimersByTimeAsync(500);
  expect(chat.shown.offline).toBe(true);
  chat.stop();
  api.fails = undefined;
  const next = await open(api);
  chats.push(next.chat);
  expect(next.chat.shown.pending.map((p) => p.text)).toEqual(['First']);
  Socket.last.open();
  expect(Socket.last.sent.at(-1)).toMatchObject({ action: 'say', text: 'First' });
  await vi.advanceTimersByTimeAsync(8_001); // nobody acknowledged it: HTTP takes it, under the same client id
  expect(api.posted).toEqual(['First']);
  expect(next.chat.shown.lines.map((l) => l.text)).toEqual(['First']);
  expect(next.chat.shown.pending).toEqual([]);
});

test('a gap is asked for, what is there already is dropped, what was taken back goes', async () => {
  const api = new Fake('https://p.example', 'a1');
  api.saved = talk(1, 3, line(2, 'visitor', 'Hi'), line(3, 'agent', 'Yes?', { name: 'Mara' }));
  const { chat } = await open(api);
  chats.push(chat);
  Socket.last.open();
  expect(Socket.last.sent[0]).toEqual({ action: 'resume', after: 3 });
  Socket.last.say({ t: 'lines', from: 6, seq: 6, lines: [line(6, 'agent', 'later')] });
  expect(Socket.last.sent.at(-1)).toEqual({ action: 'resume', after: 3 });
  expect(chat.shown.lines.length).toBe(2);
  const all = { t: 'lines', from: 4, seq: 6, lines: [line(5, 'agent', 'oops'), line(6, 'agent', 'later')] };
  Socket.last.say(all);
  Socket.last.say(all);
  Socket.last.say({ t: 'lines', from: 7, seq: 7, lines: [line(7, 'agent', '', { gone: true, ref: 5 })] });
  expect(chat.shown.lines.map((l) => l.text)).toEqual(['Hi', 'Yes?', 'later']);
  expect(chat.shown.seq).toBe(7);
});

test('a message says what was shown when it was written: not what a bot is still typing', async () => {
  const { chat } = await open();
  chats.push(chat);
  Socket.last.open();
  const seen = () => (Socket.last.sent.filter((f) => f.action === 'say').at(-1) as { seen: number }).seen;
  chat.say('Hello');
  expect(seen()).toBe(0);
  const { client } = Socket.last.sent.at(-1) as { client: string };
  Socket.last.say({ t: 'lines', from: 1, seq: 3, lines: [line(3, 'visitor', 'Hello', { client })] });
  chat.say('two cups');
  expect(seen()).toBe(3);
  Socket.last.say({
    t: 'lines',
    from: 4,
    seq: 6,
    lines: [
      line(5, 'bot', 'Thank you', { bot: {} as VisitorBot }),
      line(6, 'bot', 'Your name?', { bot: { ask: 'text', delay: 1000 } as VisitorBot }),
    ],
  });
  chat.say('one more thing');
  expect(seen()).toBe(4);
  await vi.advanceTimersByTimeAsync(401); // the first of its lines is there
  chat.say('and another');
  expect(seen()).toBe(5);
  await vi.advanceTimersByTimeAsync(1_001);
  chat.say('Lena');
  expect(seen()).toBe(6);
});

test('a refused message says why and waits for the visitor', async () => {
  const api = new Fake('https://p.example', 'a1');
  const { chat } = await open(api);
  chats.push(chat);
  Socket.last.open();
  chat.say('x');
  const { client } = Socket.last.sent.at(-1) as { client: string };
  Socket.last.say({ t: 'error', code: 'invalid', detail: 'too long', client });
  expect(chat.shown.refused).toEqual({ [client]: 'too long' });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(api.posted).toEqual([]);
  chat.discard(client);
  expect(chat.shown.pending).toEqual([]);
});

test('where sockets are blocked, answers are asked for', async () => {
  const api = new Fake('https://p.example', 'a1');
  const { chat } = await open(api);
  chats.push(chat);
  for (let i = 0; i < 4; i++) {
    Socket.last.onclose?.();
    await vi.advanceTimersByTimeAsync(8_000);
  }
  api.saved = talk(1, 2, line(2, 'agent', 'Here I am', { name: 'Mara' }));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(chat.shown.lines.map((l) => l.text)).toEqual(['Here I am']);
});

test('typing is told at most every three seconds and goes away by itself', async () => {
  const api = new Fake('https://p.example', 'a1');
  api.saved = talk(1, 2, line(2, 'visitor', 'Hi'));
  const { chat } = await open(api);
  chats.push(chat);
  Socket.last.open();
  chat.typing();
  chat.typing();
  expect(Socket.last.sent.filter((f) => f.action === 'typing').length).toBe(1);
  Socket.last.say({ t: 'typing', who: { kind: 'agent', name: 'Mara' } });
  expect(chat.shown.typing).toBe('Mara');
  await vi.advanceTimersByTimeAsync(6_001);
  expect(chat.shown.typing).toBe('');
});

test('whoever leaves while an answer is on its way leaves nothing behind, and takes no socket', async () => {
  let answer = (_: unknown) => {};
  class Slow extends Fake {
    override session = async () => new Promise((ok) => (answer = ok)) as never;
  }
  const api = new Slow('https://p.example', 'a1');
  const keep = new Keep('a1');
  let sockets = 0;
  const locked: string[] = [];
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
      close() {}
    },
  );
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue({
    request: async (n: string, f: () => unknown) => {
      locked.push(n);
      return f();
    },
  } as unknown as LockManager);
  const chat = new Chat(
    api,
    keep,
    () => ({ page: '', title: '', flow: '' }),
    () => {
      sockets++;
      return new Socket() as unknown as WebSocket;
    },
  );
  const started = chat.start();
  chat.stop(); // somebody signs out
  keep.clear();
  answer({ token: 'hers', known: true, conversation: talk(1, 2, line(2, 'visitor', 'Private')) });
  await started;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(keep.get()).toEqual({ n: 1, seen: 0, outbox: [] });
  expect([api.token, chat.shown.lines.length, sockets, locked.length]).toEqual(['', 0, 0, 0]);
  vi.restoreAllMocks();
});

test('who is not believed chats as nobody, and starts anew when believed or signed out', async () => {
  const told: string[] = [];
  const warn = vi.spyOn(console, 'warn').mockImplementation((m: string) => void told.push(m));
  const asked: [string | undefined, string | undefined][] = [];
  let believes = false;
  class Strict extends Fake {
    override session = async (token?: string) => {
      asked.push([token, this.identity?.externalId]);
      if (this.identity && !believes) throw new Refused(403, 'The signature is wrong.');
      return { token: this.identity ? 'hers' : 'nobody', known: true, conversation: this.saved } as never;
    };
  }
  const identity = { externalId: 'K-7', at: 1, signature: 'x' };
  const begin = async () => {
    const api = new Strict('https://p.example', 'a1');
    api.identity = identity;
    new Keep('a1').settle('K-7'); // as the loader does
    return open(api);
  };
  new Keep('a1').set({ token: 'before', n: 3, begun: true });
  const first = await begin();
  chats.push(first.chat);
  expect(told).toEqual(['Parley: The signature is wrong.']);
  expect(asked).toEqual([
    [undefined, 'K-7'],
    [undefined, undefined],
  ]);
  expect(first.keep.get()).toMatchObject({ token: 'nobody', n: 1, who: 'K-7' });
  first.keep.set({ n: 2 });
  first.keep.set({ outbox: [{ client: 'c9', text: 'Typed early', at: '', page: '', title: '', flow: '' }] });
  first.keep.fresh('K-7', true);
  expect(first.keep.get().outbox).toHaveLength(1);
  first.keep.set({ token: 'nobody', n: 2, outbox: [] });
  const again = await begin(); // the next page: nothing is lost while it is not mended
  chats.push(again.chat);
  expect(again.keep.get()).toMatchObject({ token: 'nobody', n: 2 });
  believes = true;
  const mended = await begin();
  chats.push(mended.chat);
  expect(mended.keep.get()).toMatchObject({ token: 'hers', n: 1 });
  expect(new Keep('a1').settle('')).toBe(true); // signed out
  expect(new Keep('a1').get()).toMatchObject({ n: 1, who: '' });
  expect(new Keep('a1').get().token).toBeUndefined();
  warn.mockRestore();
});
