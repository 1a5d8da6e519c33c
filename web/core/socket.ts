/**
 * The live connection of an agent's page: a line that never leaves a gap.
 * Owns: watched topics, resuming a thread after the last entry the page has. Never: what frames mean, the socket itself (line.ts). Imported by: app.
 */
import { idle, Line as Wire } from './line';
import { join } from './log';
import type { Entry, Frame, SocketTicket } from './wire';

/** `down` while it tries again by itself. */
export type Line = 'connecting' | 'up' | 'down' | 'closed';

export interface SocketOptions {
  ticket(): Promise<SocketTicket>;
  /** Entries of a thread that the page holds; what a frame repeats is dropped and a gap is asked for again. */
  entries(thread: string): Entry[] | undefined;
  frame(f: Frame): void;
  line(l: Line): void;
  open?(url: string, protocols: string[]): WebSocket;
  random?(): number;
  /** Whether somebody looks at the page: then a line that went dead is noticed within half a minute. */
  seen?(): boolean;
}

/** What a page that somebody looks at says after a silence: it is answered, so that a dead line shows. */
const ping = { after: 25_000, action: 'ping' } as const;

export class Socket {
  private readonly topics = new Set<string>();
  private readonly wire: Wire;

  constructor(private readonly o: SocketOptions) {
    this.wire = new Wire({
      ticket: o.ticket,
      opened: () => this.ask([...this.topics]),
      frame: (f) => this.received(f as unknown as Frame),
      state: (up) => o.line(up ? 'up' : 'down'),
      trying: () => o.line('connecting'),
      beat: () => (o.seen?.() === false ? idle : ping),
      open: o.open,
      random: o.random,
      waits: { first: 300, longest: 20_000 },
    });
  }

  start(): void {
    this.wire.start();
  }

  stop(): void {
    this.wire.stop();
    this.o.line('closed');
  }

  /** Tries at once instead of waiting: the network or the tab is back. */
  nudge(): void {
    this.wire.nudge();
  }

  /** The network says that it is gone: do not wait for a heartbeat. */
  lost(): void {
    this.wire.lost();
  }

  watch(topic: string): void {
    if (this.topics.has(topic)) return;
    this.topics.add(topic);
    this.ask([topic]);
  }

  /** Says what is true only for a moment; without a line it is not said. */
  passing(frame: { action: 'typing' | 'seen'; thread: string; seq?: number; note?: boolean }): void {
    this.wire.send(frame);
  }

  unwatch(topic: string): void {
    if (this.topics.delete(topic)) this.wire.send({ action: 'unwatch', topics: [topic] });
  }

  private received(f: Frame): void {
    if (f.t === 'entries') this.resume(f);
    else this.o.frame(f);
  }

  /** Hands on what fits; asks for what lies between. */
  private resume(f: Extract<Frame, { t: 'entries' }>): void {
    const have = this.o.entries(f.thread);
    if (have && join(have, f.entries).gap) this.ask([`thread:${f.thread}`]);
    else this.o.frame(f);
  }

  /** Asks for what came after the entries the page holds. Topics that are not watched are left out. */
  ask(asked: string[]): void {
    const topics = asked.filter((t) => this.topics.has(t));
    if (topics.length === 0) return;
    const list = topics.map((topic) => {
      const have = topic.startsWith('thread:') ? this.o.entries(topic.slice(7)) : undefined;
      return have ? { topic, after: have.at(-1)?.seq ?? 0 } : { topic };
    });
    this.wire.send({ action: 'watch', topics: list });
  }
}
