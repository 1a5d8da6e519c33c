/** Starts the local runner and talks to it from outside: raw SMTP, HTTP with its token, its outbox. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface Ready {
  inbox: string;
  /** pages with the widget on them */
  demo: string;
  api: string;
  smtp: string;
  address: string;
  outbox: string;
  /** file that local mode reads DNS from */
  dns: string;
  user: string;
  password: string;
  token: string;
}

export interface OutMail {
  id: string;
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  raw: string;
}

export interface Mail {
  from: string;
  to?: string;
  subject: string;
  text: string;
  headers?: Record<string, string>;
  /** replaces text: a body with its own content type in headers */
  body?: string;
}

const root = resolve(import.meta.dirname, '../..');

/** Waits until `probe` gives something; says what it waited for when it does not. */
export async function until<T>(what: string, probe: () => Promise<T | undefined | false>, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const got = await probe();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

async function run(env: NodeJS.ProcessEnv): Promise<{ ready: Ready; child: ChildProcess }> {
  const bin = process.env.PARLEY_BIN;
  const child = bin ? spawn(bin, [], { cwd: root, env }) : spawn('go', ['run', './infra/local'], { cwd: root, env, detached: true });
  const said: string[] = [];
  child.stderr?.on('data', (d) => said.push(String(d)));
  const ready = await new Promise<Ready>((ok, fail) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line.startsWith('ready ')) ok(JSON.parse(line.slice(6)) as Ready);
    });
    child.on('exit', (code) => fail(new Error(`the runner ended with ${code}: ${said.join('')}`)));
  });
  return { ready, child };
}

export class Parley {
  private constructor(
    public ready: Ready,
    private child: ChildProcess,
    private readonly dir: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** PARLEY_BIN names a built runner; without it Go builds one. */
  static async start(more: NodeJS.ProcessEnv = {}): Promise<Parley> {
    const dir = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
    const env = { ...process.env, PORT: '0', SMTP_PORT: '0', DATA_DIR: dir, ...more };
    const { ready, child } = await run(env);
    return new Parley(ready, child, dir, env);
  }

  /** Ends the product, as a machine's restart does, and starts it again on its data and at its addresses. `down` is how long it is away, ms. */
  async restart(down = 0): Promise<void> {
    await this.end();
    await new Promise((r) => setTimeout(r, down));
    const port = new URL(this.ready.inbox).port;
    const smtpPort = this.ready.smtp.split(':')[1];
    ({ ready: this.ready, child: this.child } = await run({ ...this.env, PORT: port, SMTP_PORT: smtpPort }));
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async end(): Promise<void> {
    const gone = new Promise((ok) => this.child.on('exit', ok));
    if (process.env.PARLEY_BIN) this.child.kill('SIGINT');
    else if (this.child.pid) process.kill(-this.child.pid, 'SIGINT');
    await gone;
  }

  /** Waits until every process follows the settings of now: each keeps what it read for ten seconds (`settingsLife` in Go). */
  settled(): Promise<void> {
    return new Promise((r) => setTimeout(r, 10_100));
  }

  async api<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = { authorization: `Bearer ${this.ready.token}`, 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
    const res = await fetch(`${this.ready.api}${path}`, { ...init, headers });
    if (!res.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${res.status} ${await res.text()}`);
    return (res.status === 204 ? undefined : await res.json()) as T;
  }

  async sentMail(): Promise<OutMail[]> {
    return (await fetch(`${this.ready.outbox}.json`)).json() as Promise<OutMail[]>;
  }

  /** The source of a mail that went out. */
  async source(m: OutMail): Promise<string> {
    if (!/^(https?:|\/)/.test(m.raw)) return m.raw;
    return (await fetch(new URL(m.raw, this.ready.outbox))).text();
  }

  /** Delivers a mail by SMTP, as a stranger's server would. Returns its Message-ID. */
  async mail(m: Mail): Promise<string> {
    const id = `<${crypto.randomUUID()}@sender.example>`;
    const email = /<(.+)>/.exec(m.from)?.[1] ?? m.from;
    const to = m.to ?? this.ready.address;
    const headers = {
      From: m.from,
      To: to,
      Subject: m.subject,
      Date: new Date().toUTCString(),
      'Message-ID': id,
      'MIME-Version': '1.0',
      'Content-Type': 'text/plain; charset=utf-8',
      ...m.headers,
    };
    const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}`);
    await this.deliver(Buffer.from([...lines, '', m.body ?? m.text].join('\r\n')), email, to);
    return id;
  }

  /** Delivers the bytes of a mail as they are, but for line ends. An empty `from` is the null return path of bounces. */
  async deliver(raw: Buffer, from = 'someone@sender.example', to = this.ready.address): Promise<void> {
    const lines = raw.toString('latin1').split(/\r?\n/);
    await smtp(this.ready.smtp, from, to, lines.map((l) => (l.startsWith('.') ? `.${l}` : l)).join('\r\n'));
  }
}

/** `data` is bytes, one a character. */
async function smtp(at: string, from: string, to: string, data: string): Promise<void> {
  const [host, port] = at.split(':');
  const socket = connect(Number(port), host);
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expect = async (code: string) => {
    for (;;) {
      const { value, done } = await answers.next();
      if (done) throw new Error('SMTP: the line was closed');
      if (!value.startsWith(code)) throw new Error(`SMTP: ${value}`);
      if (value[3] !== '-') return;
    }
  };
  await expect('220');
  for (const [line, code] of [
    ['EHLO sender.example', '250'],
    [`MAIL FROM:<${from}>`, '250'],
    [`RCPT TO:<${to}>`, '250'],
    ['DATA', '354'],
    [`${data}\r\n.`, '250'],
    ['QUIT', '221'],
  ] as const) {
    socket.write(`${line}\r\n`, 'latin1');
    await expect(code);
  }
  socket.end();
}
