/** A visitor talks with a bot on a page, and an agent looks on, takes over and hands back. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId } from './seed';

interface Chat {
  account: { id: string };
  flows: { id: string; on: boolean; version: number; bot?: boolean; published?: number }[];
}
interface BotBody {
  draft: { revision: number };
  findings: { fault: string; block: boolean }[];
  published: number;
}

let parley: Parley;
let browser: Browser;
let agent: Tab;
let visitor: Tab;
let account: string;
let flow: string;
let inbox: string;
let hook: Server;
const hooked: { body: string; signature: string }[] = [];

const panel = (p: Page = visitor.page) => p.getByRole('dialog', { name: /^Chat with/ });
const said = (p: Page = visitor.page) => panel(p).getByRole('log');
const field = (p: Page = visitor.page) => panel(p).getByRole('textbox', { name: 'Write a message' });
const reply = (name: string, p: Page = visitor.page) => said(p).getByRole('button', { name, exact: true });
const log = () => agent.page.getByRole('log');
const bot = () => `/chats/${account}/flows/${flow}/bot`;

async function say(text: string, p = visitor.page): Promise<void> {
  await field(p).fill(text);
  await field(p).press('Enter');
}

/** Publishes a graph as what visitors meet. */
async function publish(graph: unknown): Promise<void> {
  const { draft } = await parley.api<BotBody>(bot());
  const saved = await parley.api<BotBody>(`${bot()}/draft`, change('PUT', { graph, revision: draft.revision }));
  expect(saved.findings.filter((f) => f.block)).toEqual([]);
  await parley.api(`${bot()}/publish`, change('POST', { revision: saved.draft.revision }));
  await parley.settled();
}

/** A new browser on the page with the chat open. */
async function arrives(): Promise<void> {
  await visitor?.context.close();
  visitor = await open(browser);
  visitor.page.setDefaultTimeout(20_000);
  await visitor.page.goto(parley.ready.demo);
  await visitor.page.getByRole('button', { name: 'Open chat' }).click();
  await field().waitFor();
}

const newest = async () => {
  const { threads } = await parley.api<{
    threads: { thread: { id: string; bot?: { done?: boolean }; priority?: string; assignee?: object; tags?: { name: string }[] } }[];
  }>(`/inboxes/${inbox}/threads?view=open&limit=1`);
  return threads[0]?.thread;
};

beforeAll(async () => {
  hook = createServer((req, res) => {
    let body = '';
    req.on('data', (d) => {
      body += d;
    });
    req.on('end', () => {
      hooked.push({ body, signature: String(req.headers['parley-signature']) });
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ account: { plan: 'gold' } }));
    });
  }).listen(0, '127.0.0.1');
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  agent = await open(browser);
  agent.page.setDefaultTimeout(20_000);
  inbox = await inboxId(parley);
  const { chats } = await parley.api<{ chats: Chat[] }>('/chats');
  account = chats[0]?.account.id ?? '';
  for (const f of chats[0]?.flows ?? []) await parley.api(`/chats/${account}/flows/${f.id}`, change('PUT', { ...f, on: false }));
  const made = await parley.api<{ id: string }>(
    `/chats/${account}/flows`,
    change('POST', {
      id: '',
      account,
      name: 'Helper',
      on: true,
      bot: true,
      version: 0,
      targeting: {},
      welcome: '',
      askEmail: 'never',
      away: { mode: 'message' },
      available: 'always',
    }),
  );
  flow = made.id;
  await agent.page.goto(parley.ready.inbox);
  await signIn(agent.page, parley);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
  hook?.close();
});

it('a template from hello to a person, with quick replies, retries and an agent who sees it all', async () => {
  const { templates } = await parley.api<{ templates: { id: string; graph: unknown }[] }>('/bots/templates');
  await publish(templates.find((t) => t.id === 'qualify')?.graph);
  await arrives();
  await said().getByText('What is your name?').waitFor();
  await say('Lena');
  await said().getByText('Thank you, Lena.').waitFor();
  expect(await newest()).toMatchObject({ bot: { name: 'Helper' } });
  await agent.page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${(await newest())?.id}`);
  await agent.page.getByText('The bot Helper is talking with the visitor.').waitFor();
  await say('nonsense');
  await said().getByText('That does not look like an email address.').waitFor();
  await say('lena@atelier.example');
  await reply('More than 100').click();
  await said().getByText('I am passing you on to a colleague.').waitFor();
  expect(await reply('More than 100').count()).toBe(0);
  await log().getByText('Helper handed the conversation to people').waitFor();
  expect(await newest()).toMatchObject({ priority: 'high', contact: { name: 'Lena', address: 'lena@atelier.example', claimed: true } });
  expect((await newest())?.bot).toBeUndefined();
  expect(agent.trouble).toEqual([]);
  expect(visitor.trouble).toEqual([]);
});

it('pictures, links, branches, a signed webhook, code and consent', async () => {
  const url = `https://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
  const { tags } = await parley.api<{ tags: { id: string; name: string }[] }>('/tags');
  const tag = tags[0]?.id ?? (await parley.api<{ id: string }>('/tags', change('POST', { name: 'From a bot', colour: 'violet' }))).id;
  const step = (id: string, kind: string, body: object, next?: string) => ({ id, kind, [kind]: body, ...(next ? { next } : {}) });
  const graph = {
    start: 'hi',
    steps: [
      step('hi', 'message', { bubbles: [{ text: 'Look at our cups:' }, { link: 'https://kiln.example/cups', label: 'All cups' }] }, 'size'),
      step(
        'size',
        'question',
        {
          text: 'Which size?',
          ask: 'choice',
          into: 'size',
          choices: [
            { id: 's', label: 'Small' },
            { id: 'l', label: 'Large', next: 'large' },
          ],
        },
        'person',
      ),
      step('large', 'tag', { add: [tag] }, 'where'),
      step('where', 'branch', { branches: [{ id: 'b', tests: [{ on: 'answer', name: 'size', op: 'is', value: 'Large' }], next: 'hook' }] }, 'person'),
      step('hook', 'webhook', { url, map: { plan: 'account.plan' }, fail: 'plain' }, 'code'),
      step('plain', 'message', { bubbles: [{ text: 'Our server is asleep.' }] }, 'code'),
      step(
        'code',
        'code',
        {
          source:
            'exports.main = (event, callback) => callback({ botMessage: "You chose " + event.session.customState.size + ".", customState: { code: "C" + 6 * 7 } })',
        },
        'news',
      ),
      step('news', 'subscribe', { purpose: 'newsletter', text: 'May we write to you now and then?', yes: 'Yes, please', no: 'No' }, 'end'),
      step('end', 'end', { text: 'Your code is {{answer.code}}. Goodbye!' }),
      step('person', 'handoff', { to: 'routing', text: 'One moment.' }),
    ],
  };
  await publish(graph);
  await arrives();
  expect(await said().getByRole('link', { name: 'All cups' }).getAttribute('href')).toBe('https://kiln.example/cups');
  await reply('Large').click();
  await said().getByText('You chose Large.').waitFor();
  await said().getByText('What is your email address?').waitFor();
  await say('mo@cups.example');
  await reply('Yes, please').click();
  await said().getByText('Your code is C42. Goodbye!').waitFor();
  const head = await newest();
  expect(head).toMatchObject({ bot: { done: true } });
  expect(head?.tags?.length).toBe(1);
  // The hook's address is of this machine: nothing of ours may reach it, and the bot says so instead of stopping.
  expect(hooked).toEqual([]);
  await said().getByText('Our server is asleep.').waitFor();
  const { contact } = head as unknown as { contact: { id: string } };
  const timeline = JSON.stringify(await parley.api(`/contacts/${contact.id}/timeline`));
  expect(timeline).toContain('May we write to you now and then?');
  const walk = await parley.api<{ session: { state: string }; turns: unknown[] }>(`/threads/${head?.id}/bot`);
  expect(walk.session.state).toBe('completed');
  expect(walk.turns.length).toBeGreaterThan(5);
  // Who writes again after its end reaches people.
  await say('One more thing');
  await until('people', async () => !(await newest())?.bot);
});

it('an agent takes over in the middle, and hands back', async () => {
  const { templates } = await parley.api<{ templates: { id: string; graph: unknown }[] }>('/bots/templates');
  await publish(templates.find((t) => t.id === 'support')?.graph);
  await arrives();
  await reply('A problem').click();
  await said().getByText('Please describe it in a few words.').waitFor();
  await agent.page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${(await newest())?.id}`);
  await agent.page.getByRole('button', { name: 'Take over' }).click();
  await log()
    .getByText(/took over from Helper/)
    .waitFor();
  await say('It leaks');
  await log().getByText('It leaks').waitFor();
  expect(await said().getByText('Where can we reach you by email?').count()).toBe(0);
  await agent.page.getByRole('button', { name: 'Hand back to the bot' }).click();
  await said().getByText('Please describe it in a few words.').nth(1).waitFor();
  await say('The kiln leaks');
  await said().getByText('Where can we reach you by email?').waitFor();
  await say('I want to talk to a human');
  await log()
    .getByText(/the visitor asked for a person/)
    .waitFor();
});

it('counts what happened, and knows what was signed', async () => {
  const n = await parley.api<{ started: number; handedOff: number; completed: number; steps: Record<string, { reached: number }> }>(
    `${bot()}/numbers`,
  );
  expect(n).toMatchObject({ started: 3, completed: 1, handedOff: 4 });
  expect(n.steps.email?.reached).toBeGreaterThan(0);
  const { key } = await parley.api<{ key: string }>('/bots/key');
  expect(createHmac('sha256', Buffer.from(key, 'base64')).update('x').digest('hex')).toHaveLength(64);
});
