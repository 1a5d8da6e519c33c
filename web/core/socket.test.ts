import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { comment, head } from './fixtures';
import { join } from './log';
import { type Line, Socket } from './socket';
import type { Entry, Frame } from './wire';

/** A WebSocket whose other end is the test. */
class Wire {
  static all: Wire[] = [];
  readyState = 0;
  sent: { action: string; topics?: unknown }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((m: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    Wire.all.push(this);
  }
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  push(f: Frame) {
    this.onmessage?.({ data: JSON.stringify(f) });
  }
  drop() {
    this.readyState = 3;
    this.onclose?.();
  }
}

let log: Entry[];
let frames: Frame[];
let lines: Line[];
let tickets: number;
let refuse: boolean;

function start(): Socket {
  const socket = new Socket({
    ticket: async () => {
      if (refuse) throw new Error('offline');
      return { ticket: `t${++tickets}`, url: 'ws://x/ws', protocol: 'parley' };
    },
    entries: (id) => (id === 'T' ? log : undefined),
    frame: (f) => {
      frames.push(f);
      if (f.t === 'entries') log = join(log, f.entries).entries;
    },
    line: (l) => lines.push(l),
    open: (url, protocols) => new Wire(url, protocols) as unknown as WebSocket,
    random: () => 1,
  });
  socket.start();
  return socket;
}

const latest = () => Wire.all.at(-1) as Wire;
const settle = () => vi.advanceTimersByTimeAsync(0);
const entries = (...seqs: number[]): Frame => ({
  t: 'entries',
  thread: 'T',
  seq: seqs.at(-1) ?? 0,
  entries: seqs.map((n) => comment(n)),
  head: head('T'),
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', { OPEN: 1 });
  Wire.all = [];
  log = [comment(1), comment(2), comment(3)];
  frames = [];
  lines = [];
  tickets = 0;
  refuse = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('socket', () => {
  it('opens with a ticket in the subprotocol and watches what is wanted, threads after their last entry', async () => {
    const s = start();
    s.watch('inbox:I');
    s.watch('thread:T');
    await settle();
    expect(latest().protocols).toEqual(['parley', 't1']);
    latest().accept();
    expect(latest().sent).toEqual([{ action: 'watch', topics: [{ topic: 'inbox:I' }, { topic: 'thread:T', after: 3 }] }]);
    s.watch('thread:U');
    s.unwatch('inbox:I');
    expect(latest().sent.slice(1)).toEqual([
      { action: 'watch', topics: [{ topic: 'thread:U' }] },
      { action: 'unwatch', topics: ['inbox:I'] },
    ]);
    expect(lines).toEqual(['connecting', 'up']);
  });

  it('hands on entries in order and asks again over a gap instead', async () => {
    const s = start();
    s.watch('thread:T');
    await settle();
    latest().accept();
    latest().push(entries(4));
    latest().push(entries(7));
    expect(log.map((e) => e.seq)).toEqual([1, 2, 3, 4]);
    expect(latest().sent.at(-1)).toEqual({ action: 'watch', topics: [{ topic: 'thread:T', after: 4 }] });
    latest().push(entries(5, 6, 7));
    expect(log.map((e) => e.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('comes back with a new ticket and resumes after the last entry', async () => {
    const s = start();
    s.watch('thread:T');
    await settle();
    latest().accept();
    latest().push(entries(4, 5));
    latest().drop();
    expect(lines.at(-1)).toBe('down');
    await vi.advanceTimersByTimeAsync(300);
    expect(Wire.all).toHaveLength(2);
    latest().accept();
    expect(latest().protocols[1]).toBe('t2');
    expect(latest().sent).toEqual([{ action: 'watch', topics: [{ topic: 'thread:T', after: 5 }] }]);
  });

  it('waits longer after each failure and at once on a nudge', async () => {
    refuse = true;
    const s = start();
    await settle();
    const at = (ms: number) => vi.advanceTimersByTimeAsync(ms).then(() => lines.filter((l) => l === 'connecting').length);
    expect(await at(299)).toBe(1);
    expect(await at(1)).toBe(2);
    expect(await at(599)).toBe(2);
    expect(await at(1)).toBe(3);
    s.nudge();
    expect(await at(0)).toBe(4);
  });

  it('gives up a socket that stays silent after a ping', async () => {
    start();
    await settle();
    const first = latest();
    first.accept();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(first.sent.at(-1)).toEqual({ action: 'ping' });
    first.push({ t: 'pong' });
    await vi.advanceTimersByTimeAsync(8_000);
    expect(Wire.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(17_000 + 8_000);
    expect(first.readyState).toBe(3);
    await vi.advanceTimersByTimeAsync(300);
    expect(Wire.all).toHaveLength(2);
  });

  it('is renewed before API Gateway ends it: the old one goes when the new one is there, and everything is asked for again', async () => {
    const s = start();
    s.watch('inbox:I');
    s.watch('thread:T');
    await settle();
    const first = latest();
    first.accept();
    for (let passed = 0; Wire.all.length < 2 && passed < 120 * 60_000; passed += 5_000) {
      await vi.advanceTimersByTimeAsync(5_000);
      if (first.sent.at(-1)?.action === 'ping') first.push({ t: 'pong' });
    }
    expect(Wire.all).toHaveLength(2);
    expect(first.readyState).toBe(1);
    latest().accept();
    expect(first.readyState).toBe(3);
    expect(latest().sent).toEqual([{ action: 'watch', topics: [{ topic: 'inbox:I' }, { topic: 'thread:T', after: 3 }] }]);
    expect(lines).not.toContain('down');
  });

  it('is down at once when the network says so', async () => {
    const s = start();
    await settle();
    latest().accept();
    s.lost();
    expect(lines.at(-1)).toBe('down');
  });

  it('stops for good', async () => {
    const s = start();
    await settle();
    latest().accept();
    s.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(Wire.all).toHaveLength(1);
    expect(lines.at(-1)).toBe('closed');
  });

  it('ignores what is not JSON', async () => {
    start();
    await settle();
    latest().accept();
    latest().onmessage?.({ data: '{' });
    latest().push({ t: 'sync' });
    expect(frames).toEqual([{ t: 'sync' }]);
  });
});
