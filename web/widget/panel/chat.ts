/**
 * A visitor's conversation as this browser knows it.
 * Owns: lines without gaps, the outbox, who is typing, one socket for all tabs, polling where sockets are blocked. Never: rendering.
 * Imported by: Panel.
 */
import { Line } from '../../core/line';
import { type Api, type BotLine, type BotShown, isRefused, type Talk, type VisitorLine, zone } from '../api';
import type { Keep, Said } from '../store';

export interface Shown {
  lines: VisitorLine[];
  pending: Said[];
  /** a message the server refused, with its reason */
  refused: Record<string, string>;
  seq: number;
  ready: boolean;
  /** nobody answered for a while */
  offline: boolean;
  typing: string;
  /** a bot's next line is being typed */
  held: boolean;
  /** up to which entry an agent has read */
  seenByAgent: number;
  begun: boolean;
  closed: boolean;
  email: string;
  /** what a bot says to who is known, before they have written in its chatflow */
  greeting?: { flow: string; opening: BotLine[]; shown?: BotShown };
}

type Frame = {
  t: string;
  from?: number;
  seq?: number;
  lines?: VisitorLine[];
  client?: string;
  who?: { kind: string; name?: string };
  code?: string;
  detail?: string;
};
type Note = { f: Frame } | { send: unknown } | { sync: true };

const empty: Shown = {
  lines: [],
  pending: [],
  refused: {},
  seq: 0,
  ready: false,
  offline: false,
  typing: '',
  held: false,
  seenByAgent: 0,
  begun: false,
  closed: false,
  email: '',
};
const typingLife = 6_000;
const typingPause = 3_000;
const ackPatience = 8_000;
const pollFirst = 5_000;
const pollMost = 15_000;

export class Chat {
  shown: Shown = empty;
  private readonly listeners = new Set<() => void>();
  private readonly line: Line;
  private readonly channel: BroadcastChannel | undefined;
  private leading = false;
  private letGo: (() => void) | undefined;
  /** what comes now is of who was here before: it is nobody's to keep */
  private over = false;
  private typedAt = 0;
  private asking = false;
  /** lines of a bot's that are still being typed */
  private held: VisitorLine[] = [];
  private timers: {
    typing?: ReturnType<typeof setTimeout>;
    ack?: ReturnType<typeof setTimeout>;
    poll?: ReturnType<typeof setTimeout>;
    held?: ReturnType<typeof setTimeout>;
  } = {};

  constructor(
    private readonly api: Api,
    private readonly keep: Keep,
    private readonly where: () => { page: string; title: string; flow: string; lang?: string; shown?: BotShown },
    open?: (url: string, protocols: string[]) => WebSocket,
  ) {
    this.line = new Line({
      ticket: () => this.api.ticket(this.keep.get().n),
      opened: () => this.opened(),
      frame: (f) => {
        this.frame(f as Frame);
        this.tell({ f: f as Frame });
      },
      state: (up, tries) => this.lineIs(up, tries),
      open,
    });
    if (typeof BroadcastChannel === 'function') {
      this.channel = new BroadcastChannel(`parley.${api.account}`);
      this.channel.onmessage = (m) => this.heard(m.data as Note);
    }
    this.patch({ pending: keep.get().outbox });
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  /** Learns who this browser is and what was said, then listens. */
  async start(): Promise<void> {
    await this.boot();
    if (this.over) return;
    this.lead();
    addEventListener('online', this.back);
    addEventListener('visibilitychange', this.back);
    this.flush();
  }

  stop(): void {
    this.over = true;
    removeEventListener('online', this.back);
    removeEventListener('visibilitychange', this.back);
    for (const t of Object.values(this.timers)) clearTimeout(t);
    this.letGo?.();
    this.line.stop();
    this.channel?.close();
  }

  private back = (): void => {
    if (document.visibilityState === 'hidden') return;
    this.line.nudge();
    this.flush();
  };

  private async boot(): Promise<void> {
    for (let tries = 0; ; tries++) {
      const { token, n, who = '', doubted } = this.keep.get();
      try {
        const { flow, page, lang } = this.where();
        const s = await this.api.session(token, n, { flow, page, lang });
        if (this.over) return;
        if (this.api.identity && doubted) {
          this.keep.fresh(who); // believed now: what was said as nobody stays nobody's
          continue;
        }
        this.api.token = s.token;
        this.keep.set({ token: s.token });
        const greeting = s.opening ? { flow, opening: s.opening, shown: s.shown } : undefined;
        this.patch({ ready: true, offline: false, email: s.email ?? '', begun: s.conversation.begun, greeting });
        this.keepOutbox(this.keep.get().outbox.filter((o) => !o.kept));
        this.take(s.conversation);
        return;
      } catch (e) {
        if (this.over) return;
        if (isRefused(e) && e.status === 403 && this.api.identity) {
          console.warn(`Parley: ${e.message}`); // whoever made the page wants to know; its visitor chats as nobody
          this.api.identity = undefined;
          if (!doubted) this.keep.fresh(who, true);
          continue;
        }
        if (isRefused(e) && e.status >= 400 && e.status < 500) throw e;
        this.patch({ offline: true });
        await new Promise((r) => setTimeout(r, Math.min(30_000, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2)));
      }
    }
  }

  /** One tab holds the socket; when it goes, another takes over (Web Locks). Without locks every tab has its own. */
  private lead(): void {
    const locks = navigator.locks as LockManager | undefined;
    if (!locks || !this.channel) {
      this.leading = true;
      this.line.start();
      return;
    }
    void locks.request(`parley.${this.api.account}`, () => {
      if (this.over) return;
      this.leading = true;
      this.line.start();
      return new Promise<void>((done) => {
        this.letGo = done;
      });
    });
  }

  private tell(n: Note): void {
    this.channel?.postMessage(n);
  }

  private heard(n: Note): void {
    if ('f' in n) this.frame(n.f);
    else if ('sync' in n) this.patch({ pending: this.keep.get().outbox });
    else if (this.leading) this.line.send(n.send);
  }

  /** Sends over this tab's socket or the leading tab's. */
  private send(frame: unknown): boolean {
    if (this.leading) return this.line.send(frame);
    this.tell({ send: frame });
    return !!this.channel;
  }

  private opened(): void {
    clearTimeout(this.timers.poll);
    this.line.send({ action: 'resume', after: this.shown.seq });
    this.flush();
  }

  private lineIs(up: boolean, tries: number): void {
    this.patch({ offline: !up && !navigator.onLine });
    if (!up && tries >= 3 && !this.timers.poll) this.poll(pollFirst);
    if (up) {
      clearTimeout(this.timers.poll);
      this.timers.poll = undefined;
    }
  }

  /** Where sockets are blocked, answers are asked for. */
  private poll(wait: number): void {
    this.timers.poll = setTimeout(async () => {
      const before = this.shown.seq;
      await this.fetchLines();
      if (!this.line.up) this.poll(this.shown.seq > before ? pollFirst : Math.min(pollMost, wait * 1.5));
    }, wait);
  }

  private async fetchLines(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.take(await this.api.lines(this.keep.get().n, this.shown.seq));
      this.patch({ offline: false });
    } catch (e) {
      if (isRefused(e) && e.status === 0) this.patch({ offline: true });
    } finally {
      this.asking = false;
    }
  }

  private frame(f: Frame): void {
    if (f.t === 'lines') {
      if ((f.from ?? 0) > this.shown.seq + 1) this.send({ action: 'resume', after: this.shown.seq });
      else this.take({ begun: !!f.seq, closed: false, from: f.from ?? 0, seq: f.seq ?? 0, lines: f.lines ?? [] }, true);
    } else if (f.t === 'said' && f.client) this.acknowledged(f.client);
    else if (f.t === 'typing' && f.who?.kind === 'agent') this.agentTypes(f.who.name ?? '');
    else if (f.t === 'seen' && f.who?.kind === 'agent') this.patch({ seenByAgent: Math.max(this.shown.seenByAgent, f.seq ?? 0) });
    else if (f.t === 'sync') void this.fetchLines();
    else if (f.t === 'error' && f.client) {
      if (f.code === 'busy' || f.code === 'internal') this.expectAck();
      else this.refuse(f.client, f.detail ?? '');
    }
  }

  /** Joins what came. What is there already is dropped; a line that was taken back goes. What a bot says while somebody looks comes as if typed. */
  private take(t: Talk, live = false): void {
    if (this.over) return;
    const fresh = (t.lines ?? []).filter((l) => l.seq > this.shown.seq);
    const gone = new Set(fresh.flatMap((l) => (l.gone && l.ref ? [l.ref] : [])));
    const typed = live ? fresh.slice(fresh.findLastIndex((l) => !l.bot) + 1) : [];
    const done = fresh.slice(0, fresh.length - typed.length);
    const before = done.length > 0 ? this.held.splice(0) : []; // somebody was faster than the bot
    const lines = [...this.shown.lines, ...before, ...done.filter((l) => !l.gone)].filter((l) => !gone.has(l.seq));
    this.held.push(...typed);
    const said = new Set(fresh.map((l) => l.client));
    const patch: Partial<Shown> = { lines, seq: Math.max(this.shown.seq, t.seq), begun: this.shown.begun || t.begun, closed: t.closed };
    if (fresh.some((l) => l.by !== 'visitor')) patch.typing = '';
    this.patch(patch);
    if (typed.length > 0 || before.length > 0) this.reveal();
    if (t.begun) this.keep.set({ begun: true });
    if (said.size > 0) this.keepOutbox(this.keep.get().outbox.filter((s) => !said.has(s.client)));
  }

  /** Shows the bot's next line after its time, and then the one behind it. */
  private reveal(): void {
    clearTimeout(this.timers.held);
    const next = this.held[0];
    if (!next) {
      this.patch({ held: false, typing: '' });
      return;
    }
    this.patch({ held: true, typing: '…' });
    this.timers.held = setTimeout(() => {
      this.held.shift();
      this.patch({ lines: [...this.shown.lines, next] });
      this.reveal();
    }, next.bot?.delay || 400);
  }

  /** Sends a message, now or when possible. It stays in the outbox until the server says that it has it. */
  say(text: string): void {
    const { begun, greeting, seq } = this.shown;
    const s: Said = { client: crypto.randomUUID(), text, at: new Date().toISOString(), seen: (this.held[0]?.seq ?? seq + 1) - 1, ...this.where() };
    if (begun) delete s.shown;
    else if (greeting?.flow === s.flow) s.shown = greeting.shown;
    this.keepOutbox([...this.keep.get().outbox, s]);
    this.flush();
  }

  retry(client: string): void {
    const { [client]: _, ...refused } = this.shown.refused;
    this.patch({ refused });
    this.flush();
  }

  discard(client: string): void {
    this.keepOutbox(this.keep.get().outbox.filter((s) => s.client !== client));
  }

  private flush(): void {
    const waiting = this.waiting();
    if (waiting.length === 0 || !this.shown.ready) return;
    for (const { at: _, kept: __, ...said } of waiting) this.send({ action: 'say', ...said, zone: zone() });
    this.expectAck();
  }

  /** What no socket brought through in time goes over HTTP: the server takes each client id once. */
  private expectAck(): void {
    clearTimeout(this.timers.ack);
    const wait = this.leading && !this.line.up ? 300 : ackPatience;
    this.timers.ack = setTimeout(() => void this.post(), wait);
  }

  private async post(): Promise<void> {
    for (const s of this.waiting()) {
      try {
        const { at: _, kept: __, ...said } = s;
        const t = await this.api.say({ conversation: this.keep.get().n, ...said });
        this.acknowledged(s.client);
        if ((t.from ?? 0) <= this.shown.seq + 1) this.take({ ...t, begun: true });
        else void this.fetchLines();
        this.patch({ offline: false });
        this.line.nudge();
      } catch (e) {
        if (isRefused(e) && e.status >= 400 && e.status < 500 && e.status !== 429) {
          this.refuse(s.client, e.message);
          continue;
        }
        this.patch({ offline: true });
        this.timers.ack = setTimeout(() => void this.post(), ackPatience);
        return;
      }
    }
  }

  private acknowledged(client: string): void {
    if (this.over) return;
    this.keep.set({ begun: true });
    this.keepOutbox(this.keep.get().outbox.map((s) => (s.client === client ? { ...s, kept: true } : s)));
    this.patch({ begun: true });
    if (this.waiting().length === 0) clearTimeout(this.timers.ack);
  }

  private refuse(client: string, why: string): void {
    this.patch({ refused: { ...this.shown.refused, [client]: why } });
  }

  private keepOutbox(outbox: Said[]): void {
    this.keep.set({ outbox });
    this.patch({ pending: outbox });
    this.tell({ sync: true });
  }

  /** What the server neither has nor has refused. */
  private waiting(): Said[] {
    return this.keep.get().outbox.filter((s) => !s.kept && !(s.client in this.shown.refused));
  }

  typing(): void {
    if (Date.now() - this.typedAt < typingPause || !this.shown.begun) return;
    this.typedAt = Date.now();
    this.send({ action: 'typing' });
  }

  seen(): void {
    if (this.shown.seq <= this.keep.get().seen) return;
    this.keep.set({ seen: this.shown.seq });
    if (this.shown.begun) this.send({ action: 'seen', seq: this.shown.seq });
  }

  private agentTypes(name: string): void {
    this.patch({ typing: name || '…' });
    clearTimeout(this.timers.typing);
    this.timers.typing = setTimeout(() => this.patch({ typing: '' }), typingLife);
  }

  async introduce(email: string, name: string): Promise<void> {
    await this.api.introduce(this.keep.get().n, email, name);
    this.patch({ email });
  }

  /** Begins another conversation; this one stays with the team. */
  async fresh(): Promise<void> {
    this.keep.set({ n: this.keep.get().n + 1, seen: 0, begun: false, outbox: [] });
    this.line.stop();
    this.held = [];
    clearTimeout(this.timers.held);
    this.shown = { ...empty, email: this.shown.email };
    await this.boot();
    if (this.leading) this.line.start();
  }

  private patch(p: Partial<Shown>): void {
    this.shown = { ...this.shown, ...p };
    for (const fn of this.listeners) fn();
  }
}
