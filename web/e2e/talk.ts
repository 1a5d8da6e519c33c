/** A visitor in a browser who talks with a bot, and what the tests need to set one up. */
import type { Browser, Locator } from 'playwright-core';
import { open, type Tab } from './browser';
import { type Parley, until } from './parley';
import { change } from './seed';

interface Chat {
  account: { id: string };
  flows: { id: string; on: boolean; version: number }[];
}
interface BotBody {
  draft: { revision: number };
  findings: { fault: string; step?: string; block: boolean }[];
}
export interface Head {
  id: string;
  status: string;
  priority?: string;
  assignee?: { name: string };
  team?: { name: string };
  bot?: { name: string; done?: boolean };
  contact: { id: string; name?: string; address?: string; claimed?: boolean };
  tags?: { name: string }[];
}

/** A step as the API has it: its settings stand under its kind. */
export const step = (id: string, kind: string, body: object, next?: string) => ({ id, kind, [kind]: body, ...(next ? { next } : {}) });

/** Creates a chatflow with a bot that nobody has written yet. */
export async function newBot(p: Parley, account: string, name: string, more: object = {}): Promise<string> {
  const made = await p.api<{ id: string }>(
    `/chats/${account}/flows`,
    change('POST', {
      id: '',
      account,
      name,
      on: true,
      bot: true,
      version: 0,
      targeting: {},
      welcome: '',
      askEmail: 'never',
      away: { mode: 'message' },
      available: 'always',
      ...more,
    }),
  );
  return made.id;
}

/** Publishes a graph as what visitors meet. */
export async function publish(p: Parley, account: string, flow: string, graph: unknown): Promise<void> {
  const bot = `/chats/${account}/flows/${flow}/bot`;
  const { draft } = await p.api<BotBody>(bot);
  const saved = await p.api<BotBody>(`${bot}/draft`, change('PUT', { graph, revision: draft.revision }));
  const wrong = saved.findings.filter((f) => f.block);
  if (wrong.length > 0) throw new Error(`the check finds ${JSON.stringify(wrong)}`);
  await p.api(`${bot}/publish`, change('POST', { revision: saved.draft.revision }));
}

/** The chat account that every workspace has, with its own chatflows switched off. */
export async function quietAccount(p: Parley): Promise<string> {
  const { chats } = await p.api<{ chats: Chat[] }>('/chats');
  const account = chats[0]?.account.id ?? '';
  for (const f of chats[0]?.flows ?? []) await p.api(`/chats/${account}/flows/${f.id}`, change('PUT', { ...f, on: false }));
  return account;
}

export class Visitor {
  private constructor(
    readonly tab: Tab,
    private readonly parley: Parley,
    private readonly inbox: string,
  ) {}

  /** A new browser on the page with the chat open. */
  static async arrives(
    browser: Browser,
    parley: Parley,
    inbox: string,
    query = '',
    ready: (tab: Tab) => Promise<unknown> = async () => {},
  ): Promise<Visitor> {
    const tab = await open(browser);
    tab.page.setDefaultTimeout(20_000);
    await ready(tab);
    await tab.page.goto(parley.ready.demo + query);
    await tab.page.getByRole('button', { name: /^(Open chat|Chat öffnen)$/ }).click();
    const v = new Visitor(tab, parley, inbox);
    await v.field.waitFor();
    return v;
  }

  get panel(): Locator {
    return this.tab.page.getByRole('dialog', { name: /^Chat (with|mit)/ });
  }
  get log(): Locator {
    return this.panel.getByRole('log');
  }
  get field(): Locator {
    return this.panel.getByRole('textbox', { name: /^(Write a message|Nachricht schreiben)/ });
  }
  reply(name: string): Locator {
    return this.log.getByRole('button', { name, exact: true });
  }
  /** Waits until the bot (or anybody) has said it, the nth time. */
  async hears(text: string | RegExp, nth = 0): Promise<void> {
    await this.log
      .getByText(text)
      .nth(nth)
      .waitFor()
      .catch(async () => {
        throw new Error(`waited for ${text}; the chat reads\n${await this.log.innerText()}`);
      });
  }
  async says(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }
  /** Answers what the bot has just said. */
  async answers(question: string | RegExp, text: string): Promise<void> {
    await this.hears(question);
    await this.says(text);
  }
  async picks(question: string | RegExp, name: string): Promise<void> {
    await this.hears(question);
    await this.reply(name).click();
  }
  /** The newest open conversation as the team has it. */
  async thread(): Promise<Head> {
    const { threads } = await this.parley.api<{ threads: { thread: Head }[] }>(`/inboxes/${this.inbox}/threads?view=open&limit=1`);
    const head = threads[0]?.thread;
    if (!head) throw new Error('no conversation is open');
    return head;
  }
  /** The conversation once something is so of it. */
  async threadWhen(what: string, holds: (t: Head) => boolean): Promise<Head> {
    return until(what, async () => {
      const t = await this.thread().catch(() => undefined);
      return t && holds(t) && t;
    });
  }
  leaves(): Promise<void> {
    return this.tab.context.close();
  }
}
