/** The widget where networks are narrow and tabs are many. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change } from './seed';

let parley: Parley;
let browser: Browser;
let agent: Tab;

const panel = (p: Page) => p.getByRole('dialog', { name: /^Chat with/ });
const said = (p: Page) => panel(p).getByRole('log');
const enter = async (p: Page) => {
  p.setDefaultTimeout(20_000);
  await p.goto(parley.ready.demo);
  if (!(await panel(p).isVisible())) await p.getByRole('button', { name: /Open chat/ }).click();
  await panel(p).getByRole('textbox', { name: 'Write a message' }).waitFor();
};
const say = async (p: Page, text: string) => {
  const field = panel(p).getByRole('textbox', { name: 'Write a message' });
  await field.fill(text);
  await field.press('Enter');
};
/** The conversation that this line began, and an answer to it through the API. */
const answer = async (first: string, text: string) => {
  const { inboxes } = await parley.api<{ inboxes: { id: string }[] }>('/inboxes');
  const id = await until(`"${first}" in the inbox`, async () => {
    const { threads } = await parley.api<{ threads: { thread: { id: string; preview: string; subject: string } }[] }>(
      `/inboxes/${inboxes[0]?.id}/threads?view=open`,
    );
    return threads.find((r) => r.thread.preview === first || r.thread.subject === first)?.thread.id;
  });
  await parley.api(`/threads/${id}/messages`, change('POST', { text }));
};

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  agent = await open(browser);
  await agent.page.goto(parley.ready.inbox);
  await signIn(agent.page, parley); // somebody is there
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('asks for answers where sockets are blocked', async () => {
  const { page, context } = await open(browser);
  let tried = 0;
  await page.routeWebSocket(/./, (ws) => {
    tried++;
    void ws.close({ code: 1006 }).catch(() => {});
  });
  await enter(page);
  await say(page, 'Is anybody behind this proxy?');
  await answer('Is anybody behind this proxy?', 'We are.');
  await said(page).getByText('We are.').waitFor({ timeout: 60_000 });
  await say(page, 'Thank you.');
  await until('the second line in the inbox', async () => {
    const { inboxes } = await parley.api<{ inboxes: { id: string }[] }>('/inboxes');
    const { threads } = await parley.api<{ threads: { thread: { preview: string } }[] }>(`/inboxes/${inboxes[0]?.id}/threads?view=open`);
    return threads.some((r) => r.thread.preview === 'Thank you.');
  });
  expect(tried).toBeGreaterThan(0);
  await context.close();
}, 120_000);

it('has one socket for all tabs, and another tab goes on when that one closes', async () => {
  const { page: one, context } = await open(browser);
  const two = await context.newPage();
  const sockets = new Map<Page, number>([
    [one, 0],
    [two, 0],
  ]);
  for (const p of [one, two]) {
    p.on('websocket', (w) => {
      sockets.set(p, (sockets.get(p) ?? 0) + 1);
      w.on('close', () => sockets.set(p, (sockets.get(p) ?? 0) - 1));
    });
  }
  await enter(one);
  await say(one, 'From the first tab');
  await enter(two);
  await said(two).getByText('From the first tab').waitFor();
  await say(two, 'From the second tab');
  await said(one).getByText('From the second tab').waitFor();
  await two.waitForTimeout(1_000);
  expect([sockets.get(one), sockets.get(two)]).toEqual([1, 0]);
  await one.close();
  await until('a socket of the second tab', async () => sockets.get(two) === 1);
  await answer('From the second tab', 'Still here.');
  await said(two).getByText('Still here.').waitFor();
  expect(await said(two).getByText('From the second tab').count()).toBe(1);
  await context.close();
});

it('speaks the language of the page', async () => {
  const { page, context, trouble } = await open(browser);
  await page.route(parley.ready.demo, async (route) => {
    const res = await route.fetch();
    await route.fulfill({ response: res, body: (await res.text()).replace('<html lang="en">', '<html lang="de">') });
  });
  await page.goto(parley.ready.demo);
  await page.getByRole('button', { name: 'Chat öffnen' }).click();
  await page.getByRole('textbox', { name: 'Nachricht schreiben' }).waitFor();
  expect(trouble).toEqual([]);
  await context.close();
});
