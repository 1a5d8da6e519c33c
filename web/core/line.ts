/**
 * One WebSocket that comes back by itself: opened with a one-use ticket, renewed before API Gateway ends it, given up when it stays silent.
 * Owns: tickets, backoff, heartbeats, renewal. Never: what frames mean, what was missed (the user of a line asks for it on every `opened`).
 * Imported by: widget, socket.
 */
export interface LineTicket {
  ticket: string;
  url: string;
  protocol: string;
}

export interface LineOptions {
  ticket(): Promise<LineTicket>;
  /** A socket is open, for the first time or again: say what you have. */
  opened(): void;
  frame(f: Record<string, unknown>): void;
  /** Whether there is a line now; `tries` are the attempts that failed since there was one. */
  state(up: boolean, tries: number): void;
  /** A socket is being opened because there is none. */
  trying?(): void;
  /** What is said when nothing was for how long. `idle` keeps the connection for nothing: API Gateway swallows it; `ping` is answered. */
  beat?(): { after: number; action: 'idle' | 'ping' };
  open?(url: string, protocols: string[]): WebSocket;
  random?(): number;
  /** ms, of the first and of every later wait before another try, at most */
  waits?: { first: number; longest: number };
}

const usual = { first: 1_000, longest: 60_000 };
/** API Gateway drops what is idle for 10 min. */
export const idle = { after: 8.5 * 60_000, action: 'idle' } as const;
const patience = 8_000; // for a socket to open and for a pong to come
const life = 110 * 60_000; // of the two hours API Gateway allows

export class Line {
  private ws: WebSocket | null = null;
  private next: WebSocket | null = null; // the one that takes over
  private tries = 0;
  private wanted = false;
  private attempt = 0; // numbers attempts: a late ticket of an old one is dropped
  private readonly timers: Record<'again' | 'pulse' | 'doom' | 'renew', ReturnType<typeof setTimeout> | undefined> = {
    again: undefined,
    pulse: undefined,
    doom: undefined,
    renew: undefined,
  };

  constructor(private readonly o: LineOptions) {}

  get up(): boolean {
    return this.ws?.readyState === 1;
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.connect();
  }

  stop(): void {
    this.wanted = false;
    this.hangUp();
  }

  /** Tries at once instead of waiting: the network or the tab is back. */
  nudge(): void {
    if (!this.wanted) return;
    if (this.up) this.ping();
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

  /** Returns whether the frame went out. */
  send(frame: unknown): boolean {
    if (!this.up) return false;
    this.ws?.send(JSON.stringify(frame));
    return true;
  }

  private async connect(renewing = false): Promise<void> {
    if (!renewing) {
      this.hangUp();
      this.o.trying?.();
    }
    const mine = ++this.attempt;
    let ws: WebSocket;
    try {
      const t = await this.o.ticket();
      if (mine !== this.attempt || !this.wanted) return;
      ws = (this.o.open ?? ((url, protocols) => new WebSocket(url, protocols)))(t.url, [t.protocol, t.ticket]);
    } catch {
      if (mine === this.attempt && !renewing) this.later();
      return;
    }
    if (renewing) this.next = ws;
    else this.ws = ws;
    this.set('doom', patience, () => this.failed(ws));
    ws.onopen = () => this.opened(ws);
    ws.onmessage = (m) => this.received(m.data as string);
    ws.onclose = () => this.failed(ws);
  }

  /** The old socket goes only when the new one is there. */
  private opened(ws: WebSocket): void {
    clearTimeout(this.timers.doom);
    if (this.next === ws) {
      const old = this.ws;
      this.ws = ws;
      this.next = null;
      if (old) drop(old);
    }
    this.tries = 0;
    this.rest();
    this.set('renew', life - 5 * 60_000 * this.dice(), () => void this.connect(true));
    this.o.state(true, 0);
    this.o.opened();
  }

  private received(data: string): void {
    clearTimeout(this.timers.doom);
    this.rest();
    let f: Record<string, unknown>;
    try {
      f = JSON.parse(data) as Record<string, unknown>;
    } catch {
      return;
    }
    if (f.t !== 'pong') this.o.frame(f);
  }

  private ping(): void {
    const ws = this.ws;
    if (ws && this.send({ action: 'ping' })) this.set('doom', patience, () => this.failed(ws));
  }

  /** Keeps the connection from being idle. */
  private rest(): void {
    const { after, action } = this.o.beat?.() ?? idle;
    this.set('pulse', after, () => {
      if (action === 'ping') this.ping();
      else if (this.send({ action })) this.rest();
    });
  }

  private failed(ws: WebSocket): void {
    if (this.next === ws) {
      drop(ws);
      this.next = null;
      this.set('renew', 60_000, () => void this.connect(true)); // the old one is good for some minutes yet
      return;
    }
    if (this.ws !== ws) return;
    this.hangUp();
    this.later();
  }

  private hangUp(): void {
    this.attempt++;
    for (const t of Object.values(this.timers)) clearTimeout(t);
    for (const ws of [this.ws, this.next]) if (ws) drop(ws);
    this.ws = null;
    this.next = null;
  }

  private later(): void {
    if (!this.wanted) return;
    this.o.state(false, ++this.tries);
    const { first, longest } = this.o.waits ?? usual;
    const ceiling = Math.min(longest, first * 2 ** (this.tries - 1));
    this.set('again', ceiling * this.dice(), () => void this.connect());
  }

  private dice(): number {
    return (this.o.random ?? Math.random)();
  }

  private set(timer: 'again' | 'pulse' | 'doom' | 'renew', ms: number, then: () => void): void {
    clearTimeout(this.timers[timer]);
    this.timers[timer] = setTimeout(then, ms);
  }
}

function drop(ws: WebSocket): void {
  ws.onopen = null;
  ws.onmessage = null;
  ws.onclose = null;
  ws.close();
}
