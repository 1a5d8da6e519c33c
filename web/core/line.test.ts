import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Line } from './line';

class Socket {
  static all: Socket[] = [];
  readyState = 0;
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((m: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    Socket.all.push(this);
  }
  send(s: string) {
    this.sent.push(s);
  }
  close() {
    this.closed = true;
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(f: unknown) {
    this.onmessage?.({ data: typeof f === 'string' ? f : JSON.stringify(f) });
  }
  die() {
    this.readyState = 3;
    this.onclose?.();
  }
}

const at = (i: number) => Socket.all.at(i) as Socket;

function line() {
  let n = 0;
  const got = { frames: [] as unknown[], opened: 0, states: [] as string[] };
  const l = new Line({
    ticket: async () => ({ ticket: `t${++n}`, url: 'wss://x', protocol: 'parley' }),
    opened: () => got.opened++,
    frame: (f) => got.frames.push(f),
    state: (up, tries) => got.states.push(`${up ? 'up' : 'down'}${tries}`),
    open: (url, protocols) => new Socket(url, protocols) as unknown as WebSocket,
    random: () => 0.5,
  });
  return { l, got };
}

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
});
afterEach(() => vi.useRealTimers());

const soon = () => vi.advanceTimersByTimeAsync(0);

test('opens with a fresh ticket and hands frames on', async () => {
  const { l, got } = line();
  l.start();
  await soon();
  expect(at(0).protocols).toEqual(['parley', 't1']);
  expect(l.send({ a: 1 })).toBe(false);
  at(0).open();
  expect(l.send({ a: 1 })).toBe(true);
  at(0).say({ t: 'lines' });
  at(0).say({ t: 'pong' });
  at(0).say('nonsense');
  expect(got).toEqual({ frames: [{ t: 'lines' }], opened: 1, states: ['up0'] });
});

test('comes back by itself, later each time, and at once when nudged', async () => {
  const { l, got } = line();
  l.start();
  await soon();
  at(0).open();
  at(0).die();
  expect(got.states).toEqual(['up0', 'down1']);
  await vi.advanceTimersByTimeAsync(500);
  expect(Socket.all.length).toBe(2);
  at(1).die();
  await vi.advanceTimersByTimeAsync(999);
  expect(Socket.all.length).toBe(2);
  await vi.advanceTimersByTimeAsync(2);
  expect(Socket.all.length).toBe(3);
  at(2).die();
  l.nudge();
  await soon();
  expect(at(3).protocols[1]).toBe('t4');
});

test('gives up a socket that never opens, and one that does not answer a ping', async () => {
  const { l, got } = line();
  l.start();
  await soon();
  await vi.advanceTimersByTimeAsync(10_001);
  expect(at(0).closed).toBe(true);
  await vi.advanceTimersByTimeAsync(500);
  at(1).open();
  await vi.advanceTimersByTimeAsync(8.5 * 60_000);
  expect(at(1).sent).toEqual(['{"action":"idle"}']);
  await vi.advanceTimersByTimeAsync(10_001);
  expect(at(1).closed).toBe(false); // nobody answers that
  l.nudge();
  expect(at(1).sent.at(-1)).toBe('{"action":"ping"}');
  await vi.advanceTimersByTimeAsync(10_001);
  expect(at(1).closed).toBe(true);
  expect(got.states.at(-1)).toBe('down1');
});

test('renews before the two hours are over, the new socket before the old one goes', async () => {
  const { l, got } = line();
  l.start();
  await soon();
  at(0).open();
  for (let s = 0; Socket.all.length === 1 && s < 7200; s += 5) {
    await vi.advanceTimersByTimeAsync(5_000);
    at(0).say({ t: 'pong' });
  }
  expect(Socket.all.length).toBe(2);
  expect(at(0).closed).toBe(false);
  at(1).open();
  expect(at(0).closed).toBe(true);
  expect(l.up).toBe(true);
  expect(got.opened).toBe(2);
  expect(got.states).toEqual(['up0', 'up0']);
});

test('a renewal that fails leaves the old socket', async () => {
  const { l } = line();
  l.start();
  await soon();
  at(0).open();
  for (let s = 0; Socket.all.length === 1 && s < 7200; s += 5) {
    await vi.advanceTimersByTimeAsync(5_000);
    at(0).say({ t: 'pong' });
  }
  at(1).die();
  expect(at(0).closed).toBe(false);
  expect(l.up).toBe(true);
  await vi.advanceTimersByTimeAsync(60_001);
  expect(Socket.all.length).toBe(3); // it tries again before the old one's time is over
});

test('stops for good', async () => {
  const { l } = line();
  l.start();
  await soon();
  at(0).open();
  l.stop();
  expect(at(0).closed).toBe(true);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(Socket.all.length).toBe(1);
});
