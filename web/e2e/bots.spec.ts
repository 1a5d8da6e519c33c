/** A visitor talks with a bot on a page, and an agent looks on, takes over and hands back. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId } from './seed';
import { newBot, publish, quietAccount, step, Visitor } from './talk';

let parley: Parley;
let browser: Browser;
let agent: Tab;
let visitor: Visitor;
let account: string;
let flow: string;
let inbox: string;
let hook: Server;
const hooked: { body: string; signature: string }[] = [];

const log = () => agent.page.getByRole('log');
const bot = () => `/chats/${account}/flows/${flow}/bot`;
const newest = () => visitor.thread();

async function meets(graph: unknown): Promise<void> {
  await publish(parley, account, flow, graph);
  await parley.settled();
  await visitor?.leaves();
  visitor = await Visitor.arrives(browser, parley, inbox);
}

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
  account = await quietAccount(parley);
  flow = await newBot(parley, account, 'Helper');
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
  await meets(templates.find((t) => t.id === 'qualify')?.graph);
  await visitor.hears('What is your name?');
  await visitor.says('Lena');
  await visitor.hears('Thank you, Lena.');
  expect(await newest()).toMatchObject({ bot: { name: 'Helper' } });
  await agent.page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${(await newest()).id}`);
  await agent.page.getByText('The bot Helper is talking with the visitor.').waitFor();
  await visitor.says('nonsense');
  await visitor.hears('That does not look like an email address.');
  await visitor.says('lena@atelier.example');
  await visitor.reply('More than 100').click();
  await visitor.hears('I am passing you on to a colleague.');
  expect(await visitor.reply('More than 100').count()).toBe(0);
  await log().getByText('Helper handed the conversation to people').waitFor();
  expect(await newest()).toMatchObject({ priority: 'high', contact: { name: 'Lena', address: 'lena@atelier.example', claimed: true } });
  expect((await newest()).bot).toBeUndefined();
  expect(agent.trouble).toEqual([]);
  expect(visitor.tab.trouble).toEqual([]);
});

it('pictures, links, branches, a signed webhook, code and consent', async () => {
  const url = `https://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
  const { tags } = await parley.api<{ tags: { id: string; name: string }[] }>('/tags');
  const tag = tags[0]?.id ?? (await parley.api<{ id: string }>('/tags', change('POST', { name: 'From a bot', colour: 'violet' }))).id;
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
  await meets(graph);
  expect(await visitor.log.getByRole('link', { name: 'All cups' }).getAttribute('href')).toBe('https://kiln.example/cups');
  await visitor.reply('Large').click();
  await visitor.hears('You chose Large.');
  await visitor.hears('What is your email address?');
  await visitor.says('mo@cups.example');
  await visitor.reply('Yes, please').click();
  await visitor.hears('Your code is C42. Goodbye!');
  const head = await newest();
  expect(head).toMatchObject({ bot: { done: true } });
  expect(head?.tags?.length).toBe(1);
  // The hook's address is of this machine: nothing of ours may reach it, and the bot says so instead of stopping.
  expect(hooked).toEqual([]);
  await visitor.hears('Our server is asleep.');
  const { contact } = head as unknown as { contact: { id: string } };
  const timeline = JSON.stringify(await parley.api(`/contacts/${contact.id}/timeline`));
  expect(timeline).toContain('May we write to you now and then?');
  const walk = await parley.api<{ session: { state: string }; turns: unknown[] }>(`/threads/${head?.id}/bot`);
  expect(walk.session.state).toBe('completed');
  expect(walk.turns.length).toBeGreaterThan(5);
  // Who writes again after its end reaches people.
  await visitor.says('One more thing');
  await until('people', async () => !(await newest()).bot);
});

it('an agent takes over in the middle, and hands back', async () => {
  const { templates } = await parley.api<{ templates: { id: string; graph: unknown }[] }>('/bots/templates');
  await meets(templates.find((t) => t.id === 'support')?.graph);
  await visitor.reply('A problem').click();
  await visitor.hears('Please describe it in a few words.');
  await agent.page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${(await newest()).id}`);
  await agent.page.getByRole('button', { name: 'Take over' }).click();
  await log()
    .getByText(/took over from Helper/)
    .waitFor();
  await visitor.says('It leaks');
  await log().getByText('It leaks').waitFor();
  expect(await visitor.log.getByText('Where can we reach you by email?').count()).toBe(0);
  await agent.page.getByRole('button', { name: 'Hand back to the bot' }).click();
  await visitor.hears('Please describe it in a few words.', 1);
  await visitor.says('The kiln leaks');
  await visitor.hears('Where can we reach you by email?');
  await visitor.says('I want to talk to a human');
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
