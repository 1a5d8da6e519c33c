/** Every kind of step in one conversation, and the four templates from hello to their end, as a visitor meets them. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn } from './browser';
import { Parley } from './parley';
import { change, inboxId } from './seed';
import { newBot, publish, quietAccount, step, Visitor } from './talk';

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==', 'base64');
const meetings = 'https://meet.example/founders';

interface Call {
  path: string;
  body: string;
  signature: string;
}

let parley: Parley;
let browser: Browser;
let visitor: Visitor;
let account: string;
let inbox: string;
let me: string;
let hook: Server;
const calls: Call[] = [];

/** A bot of its own for each test, on the pages that ask for it. */
const bots: Record<string, string> = {};

async function bot(name: string, graph: unknown, more: object = {}): Promise<void> {
  const at = { rules: [{ conditions: [{ kind: 'query', name: 'bot', op: 'is', value: name }] }] };
  bots[name] = await newBot(parley, account, name, { targeting: at, ...more });
  await publish(parley, account, bots[name], graph);
}
const meets = async (name: string, lang = 'en') => {
  visitor = await Visitor.arrives(browser, parley, inbox, `?bot=${name}`, async ({ page }) => {
    await page.route('https://pictures.example/**', (r) => r.fulfill({ contentType: 'image/png', body: png }));
    await page.addInitScript((l) => {
      new MutationObserver((_, o) => {
        document.documentElement.lang = l;
        o.disconnect();
      }).observe(document, { childList: true });
    }, lang);
  });
};

/** Every kind of step, one after the other. */
function everything(tag: string, list: string, second: string, property: string): unknown {
  const ask = (id: string, text: string, kind: string, next: string, more: object = {}) =>
    step(id, 'question', { text, ask: kind, into: id, ...more }, next);
  const hook = (path: string) => `https://hook.example/${path}`;
  return {
    start: 'hi',
    steps: [
      step(
        'hi',
        'message',
        { bubbles: [{ text: 'Hello {{contact.name|stranger}}!' }, { image: 'https://pictures.example/cup.png', alt: 'A blue cup' }] },
        'name',
      ),
      ask('name', 'What is your name?', 'text', 'mail', { property: 'name' }),
      ask('mail', 'Your address, {{answer.name}}?', 'email', 'phone', { property: 'email', retry: 'An address has an @ in it.' }),
      ask('phone', 'Your number?', 'phone', 'cups', { property: 'phone' }),
      ask('cups', 'How many cups?', 'number', 'day', { min: 1, max: 10 }),
      ask('day', 'By when?', 'date', 'size'),
      ask('size', 'Which size?', 'choice', 'nowhere', {
        choices: [
          { id: 's', label: 'Small', next: 'nowhere' },
          { id: 'l', label: 'Large', next: 'setContact' },
        ],
      }),
      step('nowhere', 'end', { text: 'No small ones.' }),
      step('setContact', 'set', { on: 'contact', property, value: '{{answer.size}} cups' }, 'setThread'),
      step('setThread', 'set', { on: 'thread', property: 'priority', value: 'urgent' }, 'setAnswer'),
      step('setAnswer', 'set', { on: 'answer', property: 'order', value: '{{answer.cups}} × {{answer.size}}' }, 'ready'),
      ask('ready', 'Shall we go on?', 'text', 'setCompany'),
      step('setCompany', 'set', { on: 'company', property: 'name', value: 'Kiln & Co' }, 'tag'),
      step('tag', 'tag', { add: [tag] }, 'list'),
      step('list', 'list', { list }, 'where'),
      step(
        'where',
        'branch',
        {
          branches: [
            { id: 'wrong', tests: [{ on: 'page', op: 'contains', value: 'elsewhere' }], next: 'nowhere' },
            { id: 'few', tests: [{ on: 'answer', name: 'cups', op: 'below', value: '3' }], next: 'nowhere' },
            {
              id: 'fits',
              tests: [
                { on: 'page', op: 'contains', value: '/demo' },
                { on: 'contact', name: 'email', op: 'ends', value: '@cups.example' },
                { on: 'available' },
                { on: 'hours' },
                { on: 'answer', name: 'day', op: 'above', value: '2026-12-01' },
              ],
              next: 'news',
            },
          ],
        },
        'nowhere',
      ),
      step('news', 'subscribe', { purpose: 'newsletter', text: 'May we write to you now and then?', yes: 'Yes, please', no: 'No' }, 'ticket'),
      step('ticket', 'ticket', { subject: 'Order of {{answer.order}}' }, 'made'),
      step('made', 'message', { bubbles: [{ text: 'Ticket {{answer.ticket}} is made.' }] }, 'article'),
      step(
        'article',
        'article',
        { text: 'What would you like to know?', ask: 'Is that it?', yes: 'Exactly', no: 'Not quite', helped: 'nowhere' },
        'meeting',
      ),
      step('meeting', 'meeting', { user: me, text: 'Then talk to us:', label: 'Choose a time' }, 'broken'),
      step('broken', 'webhook', { url: hook('broken'), map: { plan: 'account.plan' }, fail: 'asleep' }, 'nowhere'),
      step('asleep', 'message', { bubbles: [{ text: 'One of our servers is asleep.' }] }, 'hook'),
      step('hook', 'webhook', { url: hook('plan'), send: ['order', 'name'], map: { plan: 'account.plan', seats: 'account.seats' } }, 'code'),
      step(
        'code',
        'code',
        {
          source: `exports.main = (event, callback) => callback({
            botMessage: 'Your plan is ' + event.session.customState.plan + ', ' + event.session.customState.seats + ' seats.',
            quickReplies: [{ label: 'Good', value: 'good' }, { label: 'Bad', value: 'bad' }],
            responseExpected: true })`,
          exits: [{ id: 'good', label: 'Good', next: 'other' }],
        },
        'nowhere',
      ),
      step('other', 'flow', { flow: second }),
    ],
  };
}

beforeAll(async () => {
  hook = createServer((req, res) => {
    let body = '';
    req.on('data', (d) => {
      body += d;
    });
    req.on('end', () => {
      calls.push({ path: req.url ?? '', body, signature: String(req.headers['parley-signature']) });
      if (req.url === '/broken') res.statusCode = 500;
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ account: { plan: 'gold', seats: 12 } }));
    });
  });
  await new Promise<void>((ok) => hook.listen(0, '127.0.0.1', ok));
  const web = `hook.example=127.0.0.1:${(hook.address() as AddressInfo).port}`;
  [parley, browser] = await Promise.all([Parley.start({ PARLEY_WEB: web }), launch()]);
  inbox = await inboxId(parley);
  account = await quietAccount(parley);
  const my = await parley.api<{ id: string; name: string }>('/me');
  me = my.id;
  await parley.api('/me/profile', change('PUT', { name: my.name, meeting: meetings }));
  const { id: tag } = await parley.api<{ id: string }>('/tags', change('POST', { name: 'Cups', colour: 'violet' }));
  const { id: property } = await parley.api<{ id: string }>('/properties', change('POST', { of: 'contact', kind: 'text', name: 'Wants' }));
  const { id: list } = await parley.api<{ id: string }>('/lists', change('POST', { name: 'Buyers', kind: 'static', conditions: [] }));
  await parley.api(
    '/articles',
    change('POST', { title: 'How long does delivery take?', text: 'Two to three days.', language: 'en', published: true }),
  );
  const { templates } = await parley.api<{ templates: { id: string; graph: { steps: { meeting?: { user: string } }[] } }[] }>('/bots/templates');
  for (const t of templates) {
    for (const s of t.graph.steps) if (s.meeting) s.meeting.user = me;
    await bot(t.id, t.graph, { available: t.id === 'offline' ? 'people' : 'always' });
  }
  await bot('second', {
    start: 'hi',
    steps: [
      step('hi', 'message', { bubbles: [{ text: 'This is the second bot, {{contact.name}}.' }] }, 'end'),
      step('end', 'end', { text: 'Goodbye!', close: true }),
    ],
  });
  await bot('everything', everything(tag, list, bots.second ?? '', property));
  await parley.settled();
}, 120_000);
afterEach(async () => {
  expect(visitor?.tab.trouble ?? []).toEqual([]);
  await visitor?.leaves();
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
  hook?.close();
});

it('every kind of step, in one conversation', async () => {
  await meets('everything');
  await visitor.hears('Hello stranger!');
  const picture = visitor.log.getByRole('img', { name: 'A blue cup' });
  await picture.waitFor();
  expect(await picture.evaluate((i) => (i as HTMLImageElement).naturalWidth)).toBe(1);
  await visitor.answers('What is your name?', 'Mo');
  await visitor.answers('Your address, Mo?', 'mo at cups');
  await visitor.answers('An address has an @ in it.', 'Mo@Cups.example');
  await visitor.answers('Your number?', '+49 30 1234567');
  await visitor.answers('How many cups?', '11');
  await visitor.answers('Please answer with a number.', '4');
  await visitor.answers('By when?', '24.12.2026');
  await visitor.picks('Which size?', 'Large');
  await visitor.hears('Shall we go on?');
  const t = await visitor.thread();
  expect(t).toMatchObject({ priority: 'urgent', contact: { name: 'Mo', address: 'mo@cups.example', claimed: true } });
  const contact = await parley.api<{ contact: { phone?: string; props: Record<string, string> } }>(`/contacts/${t.contact.id}`);
  expect(Object.values(contact.contact.props)).toContain('Large cups');
  const company = await parley.api<{ id: string }>('/companies', change('POST', { name: 'Cups' }));
  await parley.api(`/contacts/${t.contact.id}`, change('PATCH', { company: company.id }));
  await visitor.says('Yes');
  await visitor.picks('May we write to you now and then?', 'Yes, please');
  await visitor.hears('Ticket 1 is made.');
  await visitor.answers('What would you like to know?', 'How long is delivery?');
  await visitor.hears('Two to three days.');
  await visitor.picks('Is that it?', 'Not quite');
  await visitor.hears('Then talk to us:');
  expect(await visitor.log.getByRole('link', { name: 'Choose a time' }).getAttribute('href')).toBe(meetings);
  await visitor.hears('One of our servers is asleep.');
  await visitor.picks('Your plan is gold, 12 seats.', 'Good');
  await visitor.hears('This is the second bot, Mo.');
  await visitor.hears('Goodbye!');

  const { lists } = await parley.api<{ lists: { id: string }[] }>('/lists');
  const { key } = await parley.api<{ key: string }>('/bots/key');
  expect(calls.map((c) => c.path)).toEqual(['/broken', '/plan']);
  for (const c of calls) {
    const [at, sign] = c.signature.split(',').map((x) => x.split('=')[1]);
    expect(createHmac('sha256', Buffer.from(key, 'base64')).update(`${at}.${c.body}`).digest('hex')).toBe(sign);
  }
  const told = JSON.parse(calls[1]?.body ?? '') as { answers: object; thread: string; flow: string };
  expect(told).toMatchObject({ answers: { order: '4 × Large', name: 'Mo' }, thread: t.id, flow: bots.everything });
  expect(Object.keys(told.answers)).toHaveLength(2);
  const head = await parley.api<{ thread: { status: string; tags: { name: string }[] } }>(`/threads/${t.id}`);
  expect(head.thread).toMatchObject({ status: 'closed', tags: [{ name: 'Cups' }] });
  const { tickets } = await parley.api<{ tickets: { number: number; subject: string }[] }>(`/threads/${t.id}/tickets`);
  expect(tickets).toMatchObject([{ number: 1, subject: 'Order of 4 × Large' }]);
  const { contacts } = await parley.api<{ contacts: { id: string }[] }>(`/contacts?list=${lists[0]?.id}`);
  expect(contacts.map((c) => c.id)).toEqual([t.contact.id]);
  const timeline = JSON.stringify(await parley.api(`/contacts/${t.contact.id}/timeline`));
  expect(timeline).toContain('May we write to you now and then?');
  const walk = await parley.api<{ session: { state: string } }>(`/threads/${t.id}/bot`);
  expect(walk.session.state).toBe('completed');

  // Who comes again is greeted by name, before they write and in the conversation that it becomes.
  await visitor.panel.getByRole('button', { name: 'More' }).click();
  await visitor.panel.getByRole('button', { name: 'New conversation' }).click();
  await visitor.hears('Hello Mo!');
  await visitor.answers('What is your name?', 'Maurice');
  await visitor.hears('Your address, Maurice?');
  await visitor.hears('Hello Mo!');
}, 120_000);

it('two messages in a row: the second is no answer to what it could not know', async () => {
  await meets('support');
  await visitor.hears('Hello! What is it about?');
  await visitor.field.pressSequentially('A problem\nmy kiln is cold\n');
  await visitor.hears('Please describe it in a few words.');
  await visitor.says('It does not heat');
  await visitor.hears('Where can we reach you by email?');
  const walk = await parley.api<{ session: { vars: Record<string, string> } }>(`/threads/${(await visitor.thread()).id}/bot`);
  expect(walk.session.vars).toMatchObject({ topic: 'A problem', detail: 'It does not heat' });
});

it('on a German page, the words that are Parley’s own are German', async () => {
  await meets('support', 'de');
  await visitor.answers('Hello! What is it about?', 'Hallo');
  await visitor.hears('Bitte wählen Sie eine der Antworten.');
});

it('the template that qualifies a lead', async () => {
  await meets('qualify');
  await visitor.answers('What is your name?', 'Lena');
  await visitor.answers('Thank you, Lena.', 'lena@atelier.example');
  await visitor.picks('How many people work at your company?', '11 to 100');
  await visitor.hears('I am passing you on to a colleague.');
  const t = await visitor.threadWhen('people', (x) => !x.bot);
  expect(t).toMatchObject({ contact: { name: 'Lena', address: 'lena@atelier.example' } });
  expect(t.priority ?? '').toBe('');
});

it('the template of support', async () => {
  await meets('support');
  await visitor.picks('Hello! What is it about?', 'An order');
  await visitor.answers('What is the number of the order?', '4711');
  await visitor.answers('Please describe it in a few words.', 'It has not come');
  await visitor.answers('Where can we reach you by email?', 'mo@cups.example');
  await visitor.hears('I am passing you on to a colleague.');
  const t = await visitor.threadWhen('people', (x) => !x.bot);
  const walk = await parley.api<{ session: { state: string; vars: object } }>(`/threads/${t.id}/bot`);
  expect(walk.session).toMatchObject({ state: 'handedOff', vars: { topic: 'An order', order: '4711', detail: 'It has not come' } });
});

it('the template that books a meeting', async () => {
  await meets('meeting');
  await visitor.picks('Would you like to book a meeting with us?', 'Yes');
  await visitor.answers('What is your email address?', 'ada@book.example');
  await visitor.hears('Choose a time that suits you:');
  const { id } = await visitor.thread();
  expect(await visitor.log.getByRole('link', { name: 'Book a meeting' }).getAttribute('href')).toBe(meetings);
  await visitor.picks('Anything else?', 'No, thank you');
  await visitor.hears('See you soon!');
  const { thread } = await parley.api<{ thread: { status: string } }>(`/threads/${id}`);
  expect(thread.status).toBe('closed');
});

it('the template for when nobody is there', async () => {
  await meets('offline');
  await visitor.hears('Nobody is here right now. Leave us a message');
  await visitor.answers('What is it about?', 'A late parcel');
  await visitor.answers('What is your email address?', 'late@cups.example');
  await visitor.hears('Nobody is here right now. Your message is kept, and we will answer.');
  expect(await visitor.threadWhen('people', (x) => !x.bot)).toMatchObject({ contact: { address: 'late@cups.example' } });
});

it('the builder draws what the visitors of this walk did', async () => {
  const { context, page, trouble } = await open(browser);
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
  await page.goto(`${parley.ready.inbox}settings/chat/${account}/${bots.support}`);
  await page.getByText('30 days: 3 started, 0 completed, 1 handed over, 0 abandoned').waitFor(); // two of them went away a moment ago
  const step = (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
  await step('topic').getByText('3 reached, 100% answered, 0 left').waitFor();
  await step('number').getByText('1 reached, 100% answered, 0 left').waitFor();
  await step('email').getByText('2 reached, 100% answered, 0 left').waitFor();
  await step('person').getByText('1 reached').waitFor();
  expect(trouble).toEqual([]);
  await context.close();
});
