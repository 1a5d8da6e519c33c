/**
 * Two agents in two browsers work on the same conversations at once, by chance: in the end both see the same, and it is what the server says.
 * The order of events is not repeatable; what each does is (seeded).
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

const rounds = 24;
let parley: Parley;
let browser: Browser;
let agents: { tab: Tab; page: Page; random: () => number }[] = [];
let base: string;
let ids: string[] = [];

/** mulberry32 */
function seeded(a: number): () => number {
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  const { users } = await parley.api<{ users: { email: string }[] }>('/users');
  const mara = users.find((u) => u.email.startsWith('mara@'))?.email ?? '';
  await parley.api('/tags', change('POST', { name: 'Refund', colour: 'red' }));
  for (let i = 0; i < 5; i++) {
    await parley.mail({ from: `Kim ${i} <kim${i}@both.example>`, subject: `Together ${i}`, text: 'Hello?' });
    ids.push(await threadOf(parley, `Together ${i}`));
  }
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
  for (const [i, email] of [parley.ready.user, mara].entries()) {
    const tab = await open(browser);
    tab.page.setDefaultTimeout(20_000);
    await tab.page.goto(parley.ready.inbox);
    await signIn(tab.page, parley, email);
    agents.push({ tab, page: tab.page, random: seeded(20261126 + i) });
  }
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
  agents = [];
  ids = [];
});

/** Goes to a view as a hand does: the page is never loaded again, so what it shows is what it was told. */
async function view(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.mouse.move(5, 5); // off the list: rows that waited for a still hand come in
}

/** One thing somebody does to one conversation, with the page's own keys and buttons. */
async function act(page: Page, random: () => number, n: number): Promise<void> {
  const id = ids[Math.floor(random() * ids.length)] ?? '';
  const head = await parley.api<{ thread: { snooze?: object; status: string } }>(`/threads/${id}`);
  await view(page, head.thread.snooze ? 'Snoozed' : head.thread.status === 'closed' ? 'Closed' : 'All open');
  try {
    await page.locator(`#row-${id}`).click({ timeout: 3_000 });
    await page.getByRole('log').waitFor({ timeout: 3_000 });
  } catch {
    return; // the other one has just moved it elsewhere
  }
  const menu = async (key: string, item: string | RegExp) => {
    await page.keyboard.press(key);
    await page.getByRole('menuitem', { name: item }).first().click({ timeout: 3_000 });
  };
  const what = Math.floor(random() * 8);
  try {
    if (what === 0) await page.keyboard.press('e');
    else if (what === 1) await page.keyboard.press('i');
    else if (what === 2) await menu('a', 'Mara Winter');
    else if (what === 3) await menu('a', 'Nobody');
    else if (what === 4) await menu('s', 'They reply');
    else if (what === 5) {
      await page.keyboard.press('t');
      const box = page.getByRole('dialog').getByRole('checkbox', { name: 'Refund' });
      await box.setChecked(!(await box.isChecked({ timeout: 3_000 })), { timeout: 3_000 });
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    } else if (what === 6) {
      await page
        .getByRole('region', { name: /^Conversation with/ })
        .getByRole('button', { name: 'More' })
        .first()
        .click({ timeout: 3_000 });
      await page
        .getByRole('menuitem', { name: random() < 0.5 ? 'Urgent' : 'Normal' })
        .first()
        .click({ timeout: 3_000 });
    } else {
      await page.keyboard.press('n');
      await page.keyboard.type(`Note ${n}`);
      await page.keyboard.press('Control+Enter');
    }
  } catch (err) {
    // The other one was faster and the thing is gone: a closed conversation cannot be snoozed, a menu has left with its conversation.
    if (!(err instanceof Error) || err.name !== 'TimeoutError') throw err;
    await page.keyboard.press('Escape');
  }
  await page.waitForTimeout(random() * 250);
}

/** What a list shows of each row, but for what differs by who looks. */
const rows = (page: Page) =>
  page.getByRole('option').evaluateAll((all) =>
    all.map((row) => {
      const read = row.cloneNode(true) as HTMLElement;
      for (const el of read.querySelectorAll('time, p, [class*=dot] .sr')) el.remove();
      return `${row.id}|${read.textContent?.replace('Unread', '')}`;
    }),
  );
const log = (page: Page) => page.locator('[id^=entry-]').evaluateAll((all) => all.map((e) => e.id));

it('ends with the same for both, and for the server', async () => {
  await Promise.all(
    agents.map(async ({ page, random }, a) => {
      for (let n = 0; n < rounds; n++) await act(page, random, a * 1000 + n);
    }),
  );
  const inbox = await inboxId(parley);
  let facts = 0;
  for (const v of ['open', 'unassigned', 'snoozed', 'closed']) {
    const { threads } = await parley.api<{ threads: { thread: { id: string } }[] }>(`/inboxes/${inbox}/threads?view=${v}&limit=100`);
    for (const { page } of agents) {
      const name = { open: 'All open', unassigned: 'Unassigned', snoozed: 'Snoozed', closed: 'Closed' }[v] ?? '';
      await view(page, name);
      await until(`${v} as the server has it`, async () => {
        const shown = (await rows(page)).map((r) => r.split('|')[0]);
        return JSON.stringify(shown) === JSON.stringify(threads.map((r) => `row-${r.thread.id}`));
      });
    }
    const [one, two] = await Promise.all(agents.map(({ page }) => rows(page)));
    expect(one, v).toEqual(two);
  }
  for (const id of ids) {
    const { entries } = await parley.api<{ entries: { seq: number }[] }>(`/threads/${id}`);
    facts += entries.length;
    for (const { page } of agents) {
      await page.goto(`${base}/open/${id}`);
      await until(`the log of ${id}`, async () => JSON.stringify(await log(page)) === JSON.stringify(entries.map((e) => `entry-${e.seq}`)));
    }
  }
  expect(facts).toBeGreaterThan(ids.length * 3); // they did something
}, 240_000);

it('and what was open all the while missed nothing', async () => {
  const [one, two] = agents;
  if (!one || !two) throw new Error('no agents');
  const id = ids[0] ?? '';
  await parley.api(`/threads/${id}/snooze`, change('DELETE', undefined)).catch(() => {});
  await parley.api(`/threads/${id}/status`, change('PUT', { status: 'open' }));
  await Promise.all(agents.map(({ page }) => page.goto(`${base}/open/${id}`)));
  await Promise.all(agents.map(({ page }) => page.getByRole('log').waitFor()));
  const { entries: before } = await parley.api<{ entries: object[] }>(`/threads/${id}`);
  await Promise.all(
    agents.map(async ({ page }, a) => {
      for (let n = 0; n < 6; n++) {
        await page.keyboard.press('n');
        await page.keyboard.type(`At once ${a} ${n}`);
        await page.keyboard.press('Control+Enter');
        await page.getByRole('log').focus();
      }
    }),
  );
  for (const { page } of agents) await until('all twelve', async () => (await log(page)).length === before.length + 12);
  expect(await log(one.page)).toEqual(await log(two.page));
  const text = (page: Page) =>
    page.locator('article[id^=entry-]').evaluateAll((all) => all.map((e) => (e.textContent ?? '').match(/At once \d \d/)?.[0] ?? ''));
  expect(await text(one.page)).toEqual(await text(two.page));
});

it('had no violation of the page’s policy and no error', () => expect(agents.flatMap((a) => a.tab.trouble)).toEqual([]));
