import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;

const lena = 'Lena Novak <lena@atelier-novak.example>';
const row = (name: string) => page.getByRole('option', { name: new RegExp(name) });
const log = () => page.getByRole('log');
const thread = (name: string) => page.getByRole('region', { name: `Conversation with ${name}` });
const reply = () => page.getByRole('textbox', { name: 'Reply to Lena Novak' });
const note = () => page.getByRole('textbox', { name: 'Internal note' });
const view = (name: string) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name });

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

describe('an agent’s day', () => {
  it('signs in at the issuer and comes back to the page asked for', async () => {
    await page.goto(`${parley.ready.inbox}quarantine`);
    await page.getByText('to the inbox of parley.localhost').waitFor();
    await signIn(page, parley);
    await page.getByRole('heading', { level: 1, name: 'Quarantine' }).waitFor();
    await page.getByText('Nothing in quarantine').waitFor();
    expect(page.url()).toBe(`${parley.ready.inbox}quarantine`);
  });

  it('says in an empty inbox where to write to', async () => {
    await page.getByRole('link', { name: 'Inbox', exact: true }).click();
    await page.getByText(`Write to ${parley.ready.address} to try it`).waitFor();
  });

  it('stays signed in over a reload, without a token in storage', async () => {
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'All open' }).waitFor();
    const stored = await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]));
    expect(stored).not.toMatch(/eyJ|refresh/);
  });

  it('sees a new mail within a second, without a reload', async () => {
    await page.waitForTimeout(500);
    await parley.mail({ from: lena, subject: 'Charged twice', text: 'Hi! My card was charged twice.' });
    const start = Date.now();
    await row('Lena Novak').waitFor({ timeout: 3_000 });
    expect(Date.now() - start).toBeLessThan(1_000);
    await until('the title', async () => (await page.title()).startsWith('(1) All open'));
    await until('the counts', async () => /1/.test((await view('Unassigned').textContent()) ?? ''));
  });

  it('opens it with j and Enter; after a second it counts as read', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await log().getByText('My card was charged twice.').waitFor();
    await log().getByText('opened this conversation').waitFor();
    await until('the title without a count', async () => (await page.title()).startsWith('All open'), 3_000);
    expect(await row('Lena Novak').getByText('Unread').count()).toBe(0);
  });

  it('answers: the reply stands there at once, goes out as an answer to her mail, and says so', async () => {
    await page.keyboard.press('r');
    await page.keyboard.type('Hi Lena,\nwe refund it today.');
    await page.keyboard.press('Control+Enter');
    await log().getByText('we refund it today.').waitFor({ timeout: 500 });
    expect(await reply().innerText()).toBe('\n');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('log'); // the next key is a command again
    const out = await until('the mail', async () => (await parley.sentMail())[0]);
    expect([out.to, out.subject]).toEqual([['lena@atelier-novak.example'], 'Re: Charged twice']);
    expect(await parley.source(out)).toMatch(/In-Reply-To: <.+@sender\.example>/);
    await log()
      .getByText(/^(?:Sent|Delivered) \d\d:\d\d$/)
      .waitFor();
    expect(await log().getByText('we refund it today.').count()).toBe(1);
  });

  it('sees her answer in the open thread, its quotation folded', async () => {
    const [out] = await parley.sentMail();
    const id = out?.messageId.replace(/^<|>$/g, '');
    const headers = { 'In-Reply-To': `<${id}>`, References: `<${id}>` };
    await parley.mail({ from: lena, subject: 'Re: Charged twice', text: 'Thank you!\n\nOn Sunday, Support wrote:\n> we refund it today.', headers });
    await log().getByText('Thank you!').waitFor({ timeout: 3_000 });
    expect(await row('Lena Novak').count()).toBe(1);
    const fold = log().getByRole('button', { name: 'Quoted text' });
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
    await fold.click();
    await log().getByText('> we refund it today.').waitFor();
  });

  it('writes a note that no customer gets', async () => {
    const before = (await parley.sentMail()).length;
    await page.keyboard.press('n');
    await note().fill('She is a good customer.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('article', { name: 'Internal note of Ada Admin' }).getByText('She is a good customer.').waitFor();
    await page.waitForTimeout(400);
    expect(await parley.sentMail()).toHaveLength(before);
  });

  it('leaves single keys alone inside fields', async () => {
    await reply().or(note()).first().fill('');
    await page.keyboard.type('eia?ju');
    expect(await note().inputValue()).toBe('eia?ju');
    await note().fill('');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('assigns to herself with i and to another by the menu', async () => {
    await page.keyboard.press('i');
    await log().getByText('Ada Admin took this conversation').waitFor();
    await until('the count', async () => /1/.test((await view('Assigned to me').textContent()) ?? ''));
    await page.keyboard.press('a');
    const { users } = await parley.api<{ users: { name: string; email: string }[] }>('/users');
    const mara = users.find((u) => u.email.startsWith('mara@'))?.name ?? '';
    await page.getByRole('menuitem', { name: mara }).click();
    await log().getByText(`Ada Admin assigned this to ${mara}`).waitFor();
    await page.getByRole('complementary', { name: 'Details' }).getByText(mara).waitFor();
  });

  it('closes with e and goes on; the toast reopens', async () => {
    await parley.mail({ from: 'Aiko Watanabe <aiko@watanabe.example>', subject: 'Invoice for March', text: 'Could you send it again?' });
    await row('Aiko Watanabe').waitFor();
    await page.keyboard.press('e');
    await thread('Aiko Watanabe').waitFor();
    await row('Lena Novak').waitFor({ state: 'detached' });
    await page.getByRole('status').getByRole('button', { name: 'Reopen' }).click();
    await row('Lena Novak').waitFor();
  });

  it('finds it under Closed, where a new mail of hers reopens it', async () => {
    await row('Lena Novak').click();
    await thread('Lena Novak').waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await thread('Aiko Watanabe').waitFor();
    await view('Closed').click();
    await row('Lena Novak').click();
    await log().getByText('Ada Admin closed this conversation').first().waitFor();
    const [out] = await parley.sentMail();
    await parley.mail({ from: lena, subject: 'Re: Charged twice', text: 'One more thing.', headers: { 'In-Reply-To': out?.messageId ?? '' } });
    await log().getByText('Reopened, because a new message came in').waitFor();
    await log().getByText('One more thing.').waitFor();
    await row('Lena Novak').waitFor({ state: 'detached' });
    await view('All open').click();
    await row('Lena Novak').waitFor();
  });

  it('walks with j and k, goes back with u', async () => {
    await row('Lena Novak').click();
    await thread('Lena Novak').waitFor();
    await page.keyboard.press('j');
    await thread('Aiko Watanabe').waitFor();
    await page.keyboard.press('k');
    await thread('Lena Novak').waitFor();
    await page.keyboard.press('u');
    await page.getByRole('region', { name: 'No conversation open' }).waitFor();
    await page.goBack();
    await thread('Lena Novak').waitFor();
  });

  it('keeps a draft over another thread and a reload', async () => {
    await page.keyboard.press('r');
    await reply().fill('Half a sentence');
    await row('Aiko Watanabe').click();
    await thread('Aiko Watanabe').waitFor();
    await page.reload();
    await row('Lena Novak').click();
    await until('the draft', async () => (await reply().innerText()).trim() === 'Half a sentence');
    await reply().fill('');
  });

  it('moves no row under the pointer: a new one waits behind a pill until the pointer is gone', async () => {
    const box = await row('Aiko Watanabe').boundingBox();
    await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) + 40);
    await parley.mail({ from: 'Jonas Pfeiffer <jonas.p@pfeiffer.example>', subject: 'Export', text: 'It takes an hour.' });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await row('Aiko Watanabe').boundingBox()).toEqual(box);
    await page.mouse.move(900, 300);
    await row('Jonas Pfeiffer').waitFor();
    expect(await page.getByRole('button', { name: '1 new' }).count()).toBe(0);
  });

  it('shows what another person does in the open thread', async () => {
    const id = await threadOf(parley, 'Charged twice');
    await parley.api(`/threads/${id}/comments`, change('POST', { text: 'From another browser.' }));
    await log().getByText('From another browser.').waitFor({ timeout: 2_000 });
    expect(await log().getByText('From another browser.').count()).toBe(1);
  });

  it('signs out', async () => {
    await page
      .getByRole('button', { name: /account and settings/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Continue to sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Continue to sign in' }).waitFor();
  });

  it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
});
