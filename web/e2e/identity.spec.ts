/** Whom a page of the team's vouches for, and where a visitor's clock stands. */
import { createHmac } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';

let parley: Parley;
let browser: Browser;
let agent: Tab;
let account: string;
let secret: string;

interface Identity {
  externalId: string;
  email: string;
  name: string;
  at: number;
  signature: string;
}

function signed(externalId: string, email = '', name = ''): Identity {
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update([externalId, email, name, at].join('\n')).digest('hex');
  return { externalId, email, name, at, signature };
}

const panel = (p: Page) => p.getByRole('dialog', { name: /^Chat with/ });
const field = (p: Page) => panel(p).getByRole('textbox', { name: 'Write a message' });

/** The demo shop as somebody who is signed in there; null for nobody. */
async function enter(p: Page, who: Identity | null): Promise<void> {
  p.setDefaultTimeout(20_000);
  const set = (w: unknown) => Object.assign(window, w ? { parleySettings: { identity: w } } : {});
  await p.addInitScript(set, who);
  await p.goto(parley.ready.demo);
  await opened(p);
}
async function opened(p: Page): Promise<void> {
  if (!(await panel(p).isVisible())) await p.getByRole('button', { name: /Open chat/ }).click();
  await field(p).waitFor();
}
async function say(p: Page, text: string): Promise<void> {
  await field(p).fill(text);
  await field(p).press('Enter');
}
const threadWith = (text: string) =>
  until(`"${text}" in the inbox`, async () => {
    const { inboxes } = await parley.api<{ inboxes: { id: string }[] }>('/inboxes');
    const { threads } = await parley.api<{ threads: { thread: { id: string; preview: string; contact: { id: string } } }[] }>(
      `/inboxes/${inboxes[0]?.id}/threads?view=open`,
    );
    return threads.find((r) => r.thread.preview === text)?.thread;
  });
const contact = async (id: string) =>
  (await parley.api<{ contact: { id: string; name?: string; address?: string; claimed?: boolean; zone?: string } }>(`/contacts/${id}`)).contact;

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  agent = await open(browser);
  agent.page.setDefaultTimeout(20_000);
  await agent.page.goto(parley.ready.inbox);
  await signIn(agent.page, parley);
  const { chats } = await parley.api<{ chats: { account: { id: string } }[] }>('/chats');
  account = chats[0]?.account.id ?? '';
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('shows an admin the secret, and makes another', async () => {
  const { page } = agent;
  await page.goto(`${parley.ready.inbox}settings/chat/${account}`);
  await page.getByRole('button', { name: 'Show the secret' }).click();
  const shown = page.locator('code').filter({ hasText: /^[0-9a-f]{64}$/ });
  await shown.waitFor();
  const before = await shown.textContent();
  await page.getByRole('button', { name: 'Make a new secret' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
  await until('another secret', async () => (await shown.textContent()) !== before);
  secret = (await shown.textContent()) ?? '';
  expect((await parley.api<{ secret: string }>(`/chats/${account}/identity`)).secret).toBe(secret);
  await parley.settled();
});

let first: BrowserContext;
let hers: string;

it('knows who is signed in, in every browser of theirs, and where they are', async () => {
  const tab = await open(browser, { timezoneId: 'Asia/Tokyo' });
  first = tab.context;
  await enter(tab.page, signed('K-7', 'lena@atelier-novak.example', 'Lena Novak'));
  await say(tab.page, 'It is me.');
  const thread = await threadWith('It is me.');
  hers = thread.contact.id;
  expect(await contact(hers)).toMatchObject({ name: 'Lena Novak', address: 'lena@atelier-novak.example', zone: 'Asia/Tokyo' });
  expect((await contact(hers)).claimed).toBeFalsy();
  await agent.page.goto(`${parley.ready.inbox}contacts/${hers}`);
  await agent.page.getByText('Asia/Tokyo').first().waitFor();
  const other = await open(browser);
  await enter(other.page, signed('K-7', 'lena@atelier-novak.example', 'Lena Novak'));
  await panel(other.page).getByText('It is me.').waitFor();
  expect([...tab.trouble, ...other.trouble]).toEqual([]);
  await other.context.close();
}, 60_000);

it('shows nothing of who was before, once they sign out or somebody else signs in', async () => {
  const page = first.pages()[0] as Page;
  await page.evaluate((who) => (window as unknown as { Parley: { identify(w: unknown): void } }).Parley.identify(who), signed('K-8', '', 'Gus'));
  await opened(page);
  await say(page, 'I am another.');
  expect((await threadWith('I am another.')).contact.id).not.toBe(hers);
  expect(await panel(page).getByText('It is me.').count()).toBe(0);
  await page.evaluate(() => (window as unknown as { Parley: { identify(w: null): void } }).Parley.identify(null));
  await opened(page);
  expect(await panel(page).getByText('I am another.').count()).toBe(0);
  await say(page, 'I am nobody.');
  const nobody = await threadWith('I am nobody.');
  expect((await contact(nobody.contact.id)).name).toBeFalsy();
  await first.close();
}, 60_000);

it('refuses what the team has not signed, says so, and lets the visitor chat as nobody', async () => {
  const { page, context } = await open(browser);
  const warned: string[] = [];
  page.on('console', (m) => m.type() === 'warning' && warned.push(m.text()));
  await enter(page, { ...signed('K-7', 'lena@atelier-novak.example', 'Lena Novak'), externalId: 'K-1' });
  await say(page, 'Let me in.');
  const thread = await threadWith('Let me in.');
  expect(thread.contact.id).not.toBe(hers);
  expect(await panel(page).getByText('It is me.').count()).toBe(0);
  expect(warned.join('\n')).toContain('signature of the identity is wrong');
  await context.close();
});
