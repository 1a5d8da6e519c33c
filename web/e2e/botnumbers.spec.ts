/** A handful of visitors walk a bot to different ends, and the builder draws what was counted of them. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { newBot, publish, quietAccount, step } from './talk';

interface Line {
  by: string;
  text?: string;
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let account: string;
let flow: string;

/** Says the words one after the other, each once the bot has asked what stands before it. */
async function walks(...turns: [word: string, heard: string][]): Promise<void> {
  let token = '';
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const res = await fetch(`${parley.ready.api}/visitor/${account}/${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`);
    return (await res.json()) as T;
  };
  ({ token } = await ask<{ token: string }>('POST', 'session', {}));
  for (const [i, [text, heard]] of turns.entries()) {
    await ask('POST', 'messages', { conversation: 1, client: `n${i}`, text, flow });
    await until(`the bot to say ${heard}`, async () =>
      (await ask<{ lines: Line[] }>('GET', 'messages?conversation=1&after=0')).lines.some((l) => l.by === 'bot' && l.text === heard),
    );
  }
}

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  account = await quietAccount(parley);
  flow = await newBot(parley, account, 'Counter');
  await publish(parley, account, flow, {
    start: 'name',
    timeout: 1,
    steps: [
      step('name', 'question', { text: 'Your name?', ask: 'text', into: 'name' }, 'size'),
      step(
        'size',
        'question',
        {
          text: 'Which size?',
          ask: 'choice',
          choices: [
            { id: 's', label: 'Small', next: 'end' },
            { id: 'l', label: 'Large', next: 'person' },
          ],
        },
        'end',
      ),
      step('end', 'end', { text: 'Goodbye!' }),
      step('person', 'handoff', { to: 'routing', text: 'One moment.' }),
    ],
  });
  await parley.settled();
  await tab.page.goto(parley.ready.inbox);
  await signIn(tab.page, parley);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('draws who started, came to the end, was handed over and went away', { timeout: 300_000 }, async () => {
  await Promise.all([
    walks(['Ada', 'Which size?'], ['Small', 'Goodbye!']),
    walks(['Bo', 'Which size?'], ['Small', 'Goodbye!']),
    walks(['Cy', 'Which size?'], ['Large', 'One moment.']),
    walks(['Di', 'Which size?'], ['I want to talk to a human', 'I am passing you on to a person.']),
    walks(['Ed', 'Which size?']), // and never again
  ]);
  const numbers = () => parley.api<{ abandoned: number }>(`/chats/${account}/flows/${flow}/bot/numbers`);
  await until('Ed to be given up', async () => (await numbers()).abandoned === 1, 240_000);
  expect(await numbers()).toEqual(
    expect.objectContaining({
      started: 5,
      completed: 2,
      handedOff: 2,
      abandoned: 1,
      steps: {
        name: { reached: 5, answered: 5, left: 0 },
        size: { reached: 5, answered: 3, left: 2 },
        end: { reached: 2, answered: 0, left: 0 },
        person: { reached: 1, answered: 0, left: 0 },
      },
    }),
  );
  const { page } = tab;
  await page.goto(`${parley.ready.inbox}settings/chat/${account}/${flow}`);
  await page.getByText('30 days: 5 started, 2 completed, 2 handed over, 1 abandoned').waitFor();
  const node = (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
  await node('name').getByText('5 reached, 100% answered, 0 left').waitFor();
  await node('size').getByText('5 reached, 60% answered, 2 left').waitFor();
  await node('end').getByText('2 reached', { exact: true }).waitFor();
  await node('person').getByText('1 reached', { exact: true }).waitFor();
  if (process.env.SHOT) await page.screenshot({ path: '/tmp/botfiles-numbers.png' });
  expect(tab.trouble).toEqual([]);
});
