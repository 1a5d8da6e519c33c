/** What bots need of people: articles to answer with, and tickets for what takes longer. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

interface Ticket {
  id: string;
  number: number;
  subject: string;
  stage: string;
  version: number;
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

describe('articles', () => {
  const form = () => page.getByRole('dialog');
  const ask = async (q: string) => {
    await page.getByRole('textbox', { name: 'Question' }).fill(q);
    await page.getByRole('button', { name: 'Try', exact: true }).click();
  };
  it('one is written, and no draft answers', async () => {
    await page.goto(`${parley.ready.inbox}settings/articles`);
    await page.getByText('No articles yet').waitFor();
    await page.getByRole('button', { name: 'New article' }).click();
    await form().getByLabel('Title').fill('How long does delivery take?');
    await form().getByLabel('Text', { exact: true }).fill('Two to three days inside Germany.\nFour to six elsewhere.');
    await form().getByLabel('Language').selectOption('English');
    await form().getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'How long does delivery take?' });
    await row.getByText('Draft').waitFor();
    await ask('when is my parcel delivered');
    await page.getByText('No article answers this.').waitFor();
  });
  it('it is published, and answers what it is about and nothing else', async () => {
    await page.getByRole('button', { name: 'Edit How long does delivery take?' }).click();
    await form().getByRole('switch', { name: 'Published' }).click();
    await form().getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'How long' }).getByText('Published').waitFor();
    await ask('when is my parcel delivered');
    await page
      .getByRole('status')
      .getByRole('listitem')
      .getByText(/\d+% fits/)
      .waitFor();
    await ask('what is the capital of Peru');
    await page.getByText('No article answers this.').waitFor();
  });
  it('what somebody else changed meanwhile is not overwritten', async () => {
    await page.getByRole('button', { name: 'Edit How long does delivery take?' }).click();
    const [a] = (await parley.api<{ articles: { id: string }[] }>('/articles')).articles;
    const other = { title: 'How long does delivery take?', text: 'Three days.', published: true };
    await parley.api(`/articles/${a?.id}`, { ...change('PUT', other), headers: { 'if-match': '*' } });
    await form().getByLabel('Text', { exact: true }).fill('A week.');
    await form().getByRole('button', { name: 'Save' }).click();
    await form().getByRole('alert').waitFor();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByText('Three days.').waitFor();
    await page.getByRole('button', { name: 'Edit How long does delivery take?' }).click();
    await form().getByRole('button', { name: 'Remove article' }).click();
    await page.getByText('No articles yet').waitFor();
  });
  it('the log of the settings says so', async () => {
    await page.goto(`${parley.ready.inbox}settings/changes`);
    await page.getByRole('listitem').filter({ hasText: 'Article How long does delivery take?, deleted' }).first().waitFor();
  });
});

describe('tickets', () => {
  const side = () => page.getByRole('complementary', { name: 'Details' });
  const section = () => side().getByRole('region', { name: /Tickets/ });
  const list = async (thread: string) => (await parley.api<{ tickets: Ticket[] }>(`/threads/${thread}/tickets`)).tickets;
  it('one is made beside a conversation, which says so', async () => {
    await parley.mail({ from: 'Lena Novak <lena@atelier-novak.example>', subject: 'A broken lamp', text: 'It fell.' });
    const id = await threadOf(parley, 'A broken lamp');
    await page.goto(`${base}/open/${id}`);
    await section().getByRole('button', { name: 'New ticket' }).click();
    const subject = section().getByLabel('What is to be done');
    expect(await subject.inputValue()).toBe('A broken lamp');
    await subject.fill('Send her a new shade');
    await page.keyboard.press('Enter');
    await section().getByText('Send her a new shade').waitFor();
    await page
      .getByRole('log')
      .getByText(/made ticket 1: Send her a new shade/)
      .waitFor();
    const [made] = await list(id);
    expect(made).toMatchObject({ number: 1, subject: 'Send her a new shade', stage: 'new' });
  });
  it('its stage is changed, and it stands beside her other conversations too', async () => {
    await parley.mail({ from: 'Lena Novak <lena@atelier-novak.example>', subject: 'Another matter', text: 'Hello.' });
    const id = await threadOf(parley, 'Another matter');
    await page.goto(`${base}/open/${id}`);
    const stage = section().getByRole('combobox', { name: 'Stage of ticket 1' });
    await stage.selectOption('Waiting');
    await until('the stage', async () => (await list(id))[0]?.stage === 'waiting');
    await page.reload();
    await stage.waitFor();
    expect(await stage.inputValue()).toBe('waiting');
  });
  it('its subject is changed where it stands, as long as nobody else was faster', async () => {
    const id = await threadOf(parley, 'Another matter');
    const subject = section().getByRole('button', { name: /^Subject of ticket 1: / });
    const field = section().getByRole('textbox', { name: 'Subject of ticket 1' });
    await subject.click();
    expect(await field.inputValue()).toBe('Send her a new shade');
    await field.fill(' ');
    await page.keyboard.press('Enter');
    await section().getByRole('alert').getByText('A ticket needs a subject.').waitFor();
    await field.fill('Send her a green shade');
    await page.keyboard.press('Enter');
    await section().getByRole('button', { name: 'Subject of ticket 1: Send her a green shade. Change' }).waitFor();
    expect((await list(id))[0]).toMatchObject({ subject: 'Send her a green shade', stage: 'waiting' });
    const [k] = await list(id);
    await parley.api(`/tickets/${k?.id}`, change('PUT', { subject: 'Send her three', stage: 'waiting', version: k?.version }));
    await subject.click();
    await field.fill('Send her none');
    await page.keyboard.press('Enter');
    await section()
      .getByRole('alert')
      .getByText(/^Somebody else changed this meanwhile/)
      .waitFor();
    await page.keyboard.press('Escape');
    await section().getByRole('button', { name: 'Subject of ticket 1: Send her three. Change' }).waitFor();
    expect((await list(id))[0]?.subject).toBe('Send her three');
  });
  it('a change that comes too late is said, and taken back', async () => {
    const id = await threadOf(parley, 'Another matter');
    const [k] = await list(id);
    await parley.api(`/tickets/${k?.id}`, change('PUT', { subject: 'Send her two', stage: 'open', version: k?.version }));
    const stage = section().getByRole('combobox', { name: 'Stage of ticket 1' });
    await stage.selectOption('Closed');
    await page.getByText('The ticket was not changed.').waitFor();
    await section().getByText('Send her two').waitFor();
    expect(await stage.inputValue()).toBe('open');
  });
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
