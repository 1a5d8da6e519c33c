/** Who loses access while a page is open hears no more of what they may not see, without a reload, and reads why. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let page: Page; // of who loses access
let inbox: string;
let id: string;
let mara: string;
let me: string;

const log = (text: string) => page.getByRole('log').getByText(text);
const note = (text: string) => parley.api(`/threads/${id}/comments`, change('POST', { text }));
const members = (users: string[]) => parley.api(`/inboxes/${inbox}/members`, change('PUT', { everyone: false, users, teams: [] }));

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  const { users } = await parley.api<{ users: { id: string; email: string }[] }>('/users');
  const agent = users.find((u) => u.email.startsWith('mara@'));
  mara = agent?.id ?? '';
  me = users.find((u) => u.email === parley.ready.user)?.id ?? '';
  inbox = await inboxId(parley);
  await parley.api(`/users/${mara}/role`, change('PUT', { role: 'agent' }));
  await parley.mail({ from: 'Nora <nora@quist.example>', subject: 'A broken cup', text: 'Could you help me?' });
  id = await threadOf(parley, 'A broken cup');
  page = (await open(browser)).page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley, agent?.email);
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${id}`);
  await page.getByRole('log').getByText('Could you help me?').waitFor();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('who is taken out of an inbox sees no more of it', async () => {
  await note('She is a friend of the house.');
  await log('She is a friend of the house.').waitFor();
  await members([me]);
  await parley.settled();
  await note('Not for everybody.');
  await until('the thread to be gone', async () => (await page.getByText('She is a friend of the house.').count()) === 0);
  expect(await page.getByText('Not for everybody.').count()).toBe(0);
  expect(await page.getByRole('link', { name: /A broken cup/ }).count()).toBe(0);
});

it('who is disabled reads that their access has ended, and nothing else', async () => {
  await members([me, mara]);
  await parley.settled();
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${id}`);
  await log('Not for everybody.').waitFor();
  await parley.api(`/users/${mara}/access`, change('PUT', { disabled: true }));
  await page.getByRole('alert').getByText('Your access to this workspace has ended.').waitFor();
  expect(await page.getByText('Not for everybody.').count()).toBe(0);
  await page.reload();
  await page.getByRole('button', { name: 'Continue to sign in' }).waitFor();
});
