/**
 * The live connection: one WebSocket, opened with a one-use ticket, that comes back by itself and never leaves a gap.
 * Owns: tickets, backoff, heartbeats, watched topics, resuming a thread after the last entry the page has. Never: what frames mean. Imported by: app.
 */
import { join } from './log';
import type { Entry, Frame, Ticket } from './wire';

/** `down` while it tries again by itself. */
export type Line = 'connecting' | 'up' | 'down' | 'closed';

export interface SocketOptions {
  ticket(): Promise<Ticket>;
  /** Entries of a thread that the page holds; what a frame repeats is dropped and a gap is asked for again. */
  entries(thread: string): Entry[] | undefined;
  frame(f: Frame): void;
  line(l: Line): void;
  open?(url: string, protocols: string[]): WebSocket;
  random?(): number;
}

const firstWait = 300;
const longestWait = 20_000;
const beat = 25_000; // API Gateway drops a socket that is idle for 10 min; a dead line is noticed after beat + patience
const patience = 8_000;

export class Socket {
  private ws: WebSocket | null = null;
  private readonly topics = new Set<string>();
  private tries = 0;
  private wanted = false;
  private attempt = 0; // numbers attempts, so that a late ticket of an old one is dropped
  private again: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setTimeout> | undefined;
  private doom: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly o: SocketOptions) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.connect();
  }

  stop(): void {
    this.wanted = false;
    this.hangUp();
    this.o.line('closed');
  }

  /** Tries at once instead of waiting: the network or the tab is back. */
  nudge(): void {
    if (!this.wanted) return;
    if (this.ws?.readyState === WebSocket.OPEN) this.ping();
    else if (!this.ws) {
      this.tries = 0;
      void this.connect();
    }
  }

  /** The network says that it is gone: do not wait for a heartbeat. */
  lost(): void {
    if (!this.wanted) return;
    this.hangUp();
    this.later();
  }

  watch(topic: string): void {
    if (this.topics.has(topic)) return;
    this.topics.add(topic);
    this.ask([topic]);
  }

  unwatch(topic: string): void {
    if (this.topics.delete(topic)) this.send({ action: 'unwatch', topics: [topic] });
  }

  private async connect(): Promise<void> {
    clearTimeout(this.again);
    const mine = ++this.attempt;
    this.o.line('connecting');
    let t: Ticket;
    try {
      t = await this.o.ticket();
    } catch {
      if (mine === this.attempt) this.later();
      return;
    }
    if (mine !== this.attempt || !this.wanted) return;
    const open = this.o.open ?? ((url, protocols) => new WebSocket(url, protocols));
    const ws = open(t.url, [t.protocol, t.ticket]);
    this.ws = ws;
    this.expect(ws);
    ws.onopen = () => this.opened();
    ws.onmessage = (m) => this.received(m.data as string);
    ws.onclose = () => {
      if (this.ws !== ws) return;
      this.hangUp();
      this.later();
    };
  }

  private opened(): void {
    clearTimeout(this.doom);
    this.tries = 0;
    this.ask([...this.topics]);
    this.rest();
    this.o.line('up');
  }

  private received(data: string): void {
    clearTimeout(this.doom);
    this.rest();
    let f: Frame;
    try {
      f = JSON.parse(data) as Frame;
    } catch {
      return;
    }
    if (f.t === 'entries') this.resume(f);
    else if (f.t !== 'pong') this.o.frame(f);
  }

  /** Hands on what fits; asks for what lies between. */
  private resume(f: Extract<Frame, { t: 'entries' }>): void {
    const have = this.o.entries(f.thread);
    if (have && join(have, f.entries).gap) this.ask([`thread:${f.thread}`]);
    else this.o.frame(f);
  }

  private ask(topics: string[]): void {
    if (topics.length === 0) return;
    const list = topics.map((topic) => {
      const have = topic.startsWith('thread:') ? this.o.entries(topic.slice(7)) : undefined;
      return have ? { topic, after: have.at(-1)?.seq ?? 0 } : { topic };
    });
    this.send({ action: 'watch', topics: list });
  }

  private send(frame: unknown): void {
    if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(frame));
  }

  private ping(): void {
    this.send({ action: 'ping' });
    if (this.ws) this.expect(this.ws);
  }

  private rest(): void {
    clearTimeout(this.pulse);
    this.pulse = setTimeout(() => this.ping(), beat);
  }

  /** Gives a socket up that stays silent. */
  private expect(ws: WebSocket): void {
    clearTimeout(this.doom);
    this.doom = setTimeout(() => {
      if (this.ws !== ws) return;
      this.hangUp();
      this.later();
    }, patience);
  }

  private hangUp(): void {
    this.attempt++;
    clearTimeout(this.again);
    clearTimeout(this.pulse);
    clearTimeout(this.doom);
    const ws = this.ws;
    this.ws = null;
    if (!ws) return;
    ws.onopen = null;
    ws.onmessage = null;
    ws.onclose = null;
    ws.close();
  }

  private later(): void {
    if (!this.wanted) return;
    this.o.line('down');
    const ceiling = Math.min(longestWait, firstWait * 2 ** this.tries++);
    const wait = ceiling / 2 + (ceiling / 2) * (this.o.random ?? Math.random)();
    clearTimeout(this.again);
    this.again = setTimeout(() => void this.connect(), wait);
  }
}
