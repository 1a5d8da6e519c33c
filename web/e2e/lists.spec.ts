/** Lists that are put together by hand: by an agent on a contact's page, by a bot in a visitor's chat; and lists whose conditions ask for them. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';
import { newBot, publish, quietAccount, step, Visitor } from './talk';

interface Bot {
  draft: { graph: { steps: { id: string; kind: string; list?: { list: string; remove?: boolean } }[] } };
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;

const listId = async (name: string) =>
  (await parley.api<{ lists: { id: string; name: string }[] }>('/lists')).lists.find((l) => l.name === name)?.id ?? '';
const contactId = async (q: string) => (await parley.api<{ contacts: { id: string }[] }>(`/contacts/suggest?q=${q}`)).contacts[0]?.id ?? '';
const on = async (list: string) =>
  (await parley.api<{ contacts: { name?: string }[] }>(`/contacts?list=${await listId(list)}`)).contacts.map((c) => c.name);
const dialog = () => page.getByRole('dialog');
const person = (name: RegExp) => page.getByRole('table').getByRole('link', { name });
const newList = async (name: string) => {
  await page.goto(`${parley.ready.inbox}contacts`);
  await page.getByRole('button', { name: 'New list' }).click();
  await dialog().getByLabel('Name of the list').fill(name);
};

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  for (const [from, subject] of [
    ['Lena Novak <lena@atelier-novak.example>', 'A first vase'],
    ['Gus Novak <gus@atelier-novak.example>', 'Of the same house'],
    ['Mo Hart <mo@hart.example>', 'Glaze'],
  ] as const) {
    await parley.mail({ from, subject, text: `About ${subject}.` });
    await threadOf(parley, subject);
  }
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('a list is put together by hand, on the pages of contacts', async () => {
  await newList('Autumn fair');
  await dialog()
    .getByRole('radio', { name: /Put together by hand/ })
    .check();
  expect(await dialog().getByRole('button', { name: 'Add a condition' }).count()).toBe(0);
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('Put contacts on it on their pages').waitFor();
  await page.goto(`${parley.ready.inbox}contacts/${await contactId('lena')}`);
  const lists = page.getByRole('region', { name: 'Lists' });
  await lists.getByText('On none.').waitFor();
  await lists.getByRole('button', { name: 'Add to a list' }).click();
  await page.getByRole('menuitem', { name: 'Autumn fair' }).click();
  await page
    .getByRole('listitem')
    .getByText(/put this contact on the list Autumn fair$/)
    .waitFor();
  await lists.getByRole('link', { name: 'Autumn fair' }).click();
  await person(/Lena Novak/).waitFor();
  expect(await page.getByRole('table').getByRole('link').count()).toBe(1);
});

it('conditions ask for a company and for being on a list', async () => {
  await newList('House Novak, not at the fair');
  await dialog().getByLabel('What the condition looks at').selectOption({ label: 'Company' });
  await dialog().getByLabel('What Company is compared with').fill('atelier-novak.example');
  await dialog().getByRole('button', { name: 'Add a condition' }).click();
  await dialog().getByLabel('What the condition looks at').last().selectOption({ label: 'List' });
  await dialog().getByLabel('How List is compared').selectOption({ label: 'is not on' });
  await dialog().getByLabel('What List is compared with').selectOption({ label: 'Autumn fair' });
  await until('the company in its list', async () => (await dialog().locator('datalist option').count()) > 0);
  await dialog().getByRole('button', { name: 'Save' }).click();
  await person(/Gus Novak/).waitFor();
  expect(await page.getByRole('table').getByRole('link').count()).toBe(1);
  await page.getByRole('button', { name: 'Edit list' }).click(); // what was saved is shown by its name
  await until('the name', async () => (await dialog().getByLabel('What Company is compared with').inputValue()) === 'atelier-novak.example');
  await dialog().getByRole('button', { name: 'Cancel' }).click();
});

it('a contact is taken off a list', async () => {
  await page.goto(`${parley.ready.inbox}contacts/${await contactId('lena')}`);
  const lists = page.getByRole('region', { name: 'Lists' });
  await lists.getByRole('button', { name: 'Take off the list Autumn fair' }).click();
  await lists.getByText('On none.').waitFor();
  await page
    .getByRole('listitem')
    .getByText(/took this contact off the list Autumn fair$/)
    .waitFor();
  expect(await on('Autumn fair')).toEqual([]);
});

it('a bot that is built with the step puts a visitor on the list, and the team sees it', async () => {
  const account = await quietAccount(parley);
  const flow = await newBot(parley, account, 'Fair bot');
  await publish(parley, account, flow, {
    start: 'name',
    steps: [
      step('name', 'question', { text: 'What is your name?', ask: 'text', into: 'name', property: 'name' }, 'bye'),
      step('bye', 'end', { text: 'See you there, {{answer.name}}.' }),
    ],
  });
  await page.goto(`${parley.ready.inbox}settings/chat/${account}/${flow}`);
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.getByRole('button', { name: 'Insert a step at “Then” of Question' }).click();
  await page.getByRole('menuitem', { name: 'Contact list' }).click();
  const panel = page.getByRole('complementary', { name: 'Step' });
  await panel.getByText('Say which list.').waitFor();
  await panel.getByRole('combobox', { name: 'List' }).selectOption({ label: 'Autumn fair' });
  await page.getByRole('button', { name: /Puts the contact on a list/ }).waitFor();
  const bot = `/chats/${account}/flows/${flow}/bot`;
  const built = async () => (await parley.api<Bot>(bot)).draft.graph.steps.find((s) => s.kind === 'list')?.list;
  await until('the draft', async () => (await built())?.list === (await listId('Autumn fair')));
  await page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name: 'Test drive' }).click();
  const drive = page.getByRole('complementary', { name: 'Test drive' });
  await drive.getByRole('button', { name: 'Start', exact: true }).click();
  await drive.getByRole('textbox', { name: 'Answer as a visitor' }).fill('Nobody');
  await page.keyboard.press('Enter');
  await drive.getByText('Would put the contact on the list Autumn fair').waitFor();
  await drive.getByText('See you there, Nobody.').waitFor();
  expect(await on('Autumn fair')).toEqual([]); // a drive does nothing
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Version 2 is live').first().waitFor();
  await parley.settled();

  const visitor = await Visitor.arrives(browser, parley, await inboxId(parley));
  await visitor.answers('What is your name?', 'Ada Clay');
  await visitor.hears('See you there, Ada Clay.');
  await visitor.leaves();
  await page.goto(`${parley.ready.inbox}contacts?list=${await listId('Autumn fair')}`);
  await person(/Ada Clay/).click();
  await page.getByRole('region', { name: 'Lists' }).getByRole('link', { name: 'Autumn fair' }).waitFor();
  await page.getByRole('listitem').getByText('Fair bot put this contact on the list Autumn fair').waitFor();
  expect(await page.getByText('Visitor of the website', { exact: true }).count()).toBe(0);
});

it('a list that is deleted is nowhere any more, and the check says that a bot names it', async () => {
  await page.goto(`${parley.ready.inbox}contacts?list=${await listId('Autumn fair')}`);
  await page.getByRole('button', { name: 'Edit list' }).click();
  await dialog().getByRole('button', { name: 'Delete list' }).click();
  await person(/Mo Hart/).waitFor();
  await page.goto(`${parley.ready.inbox}contacts/${await contactId('ada')}`);
  await page.getByText('There is no list yet that is put together by hand.').waitFor();
  await page.getByText('Fair bot put this contact on the list that is not there any more').waitFor();
  expect(await page.getByRole('region', { name: 'Lists' }).getByRole('link').count()).toBe(0);
  await parley.api(`/contacts/${await contactId('ada')}`, change('PATCH', { phone: '+386 1 555 0143' })); // it can still be changed
  await page.goto(`${parley.ready.inbox}contacts?list=${await listId('House Novak, not at the fair')}`);
  await person(/Gus Novak/).waitFor();
  await person(/Lena Novak/).waitFor();
  const { chats } = await parley.api<{ chats: { account: { id: string }; flows: { id: string; name: string }[] }[] }>('/chats');
  const flow = chats[0]?.flows.find((f) => f.name === 'Fair bot')?.id;
  const { findings } = await parley.api<{ findings: { fault: string; text: string }[] }>(`/chats/${chats[0]?.account.id}/flows/${flow}/bot`);
  expect(findings.map((f) => f.fault)).toEqual(['gone']);
  expect(tab.trouble).toEqual([]);
});
