/** What an agent is told: on every page, in the list, by the browser, once. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let second: Page;
let base: string;

/** Stands for the browser's notifications, which no test can see: keeps what was to be shown. */
function watch(): void {
  const shown: string[] = [];
  class Seen {
    static permission = 'granted';
    static requestPermission = () => Promise.resolve('granted');
    onclick: (() => void) | null = null;
    constructor(title: string, o: { body?: string }) {
      shown.push(`${title}|${o.body ?? ''}`);
    }
    close(): void {}
  }
  Object.assign(window, { Notification: Seen, shown });
}
const shown = (p: Page) => p.evaluate(() => (window as unknown as { shown: string[] }).shown);

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  await tab.context.addInitScript(watch);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
  second = await tab.context.newPage();
  second.setDefaultTimeout(20_000);
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('says what is wanted, where and when not, and keeps it', async () => {
  await page.goto(`${parley.ready.inbox}settings/notifications`);
  await page.getByRole('checkbox', { name: 'A conversation is assigned to my team: Browser' }).click();
  await page.getByRole('switch', { name: 'Sound' }).click();
  await page.getByRole('switch', { name: 'Use quiet hours' }).click();
  await page.getByLabel('From').fill('22:00');
  await until(
    'the choice',
    async () => (await parley.api<{ quiet: { from: string; on: boolean }; sound: boolean }>('/me/notifications')).quiet.from === '22:00',
  );
  await page.reload();
  expect(await page.getByLabel('From').inputValue()).toBe('22:00');
  expect(await page.getByRole('switch', { name: 'Sound' }).getAttribute('aria-checked')).toBe('true');
  await page.getByRole('switch', { name: 'Use quiet hours' }).click();
  await until('no quiet', async () => !(await parley.api<{ quiet: { on: boolean } }>('/me/notifications')).quiet.on);
});

it('tells once of an answer in a conversation of mine, whatever pages are open', async () => {
  await parley.mail({
    from: 'Lena Novak <lena@atelier-novak.example>',
    subject: 'A vase',
    text: 'Do you have it in blue?',
    headers: { 'Message-ID': '<first@atelier-novak.example>' },
  });
  const id = await threadOf(parley, 'A vase');
  const { id: me } = await parley.api<{ id: string }>('/me');
  await parley.api(`/threads/${id}/assignee`, change('PUT', { agent: me }));
  await second.goto(`${base}/closed`);
  await second.getByRole('heading', { level: 1 }).waitFor();
  await page.goto(`${base}/closed`);
  await page.getByRole('link', { name: 'Notifications' }).waitFor();
  await parley.settled(); // the choices of a minute ago are followed by now
  await parley.mail({
    from: 'Lena Novak <lena@atelier-novak.example>',
    subject: 'Re: A vase',
    text: 'Hello?',
    headers: { 'In-Reply-To': '<first@atelier-novak.example>' },
  });
  await page.getByRole('link', { name: /1 new notification/ }).waitFor();
  await until('a notification', async () => (await shown(page)).length + (await shown(second)).length > 0);
  await page.waitForTimeout(1_500);
  const all = [...(await shown(page)), ...(await shown(second))];
  expect(all).toHaveLength(1); // no page repeats another's
  expect(all[0]).toContain('Lena Novak');
});

it('lists them, and who has looked has seen them', async () => {
  await page.getByRole('link', { name: /new notification/ }).click();
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await page
    .getByRole('link', { name: /Lena Novak/ })
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'Notifications', exact: true }).waitFor(); // without a number
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
