/** Companies, saved lists of contacts, and the team's own properties. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;

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

it('an admin adds properties, changes their order and hides one', async () => {
  await page.goto(`${parley.ready.inbox}settings/properties`);
  for (const [name, of, kind, options] of [
    ['Glaze', 'contact', 'Choice', 'Celadon\nTenmoku'],
    ['Kiln size', 'company', 'Number', ''],
  ] as const) {
    await page.getByRole('button', { name: 'New property' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill(name);
    await form.getByLabel('Whose').selectOption(of);
    await form.getByLabel('Kind').selectOption({ label: kind });
    if (options) await form.getByLabel('Options, one on each line').fill(options);
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: name }).waitFor();
  }
  const order = async () => (await parley.api<{ properties: { name: string; of: string; hidden?: boolean }[] }>('/properties')).properties;
  const place = async () => (await order()).filter((p) => p.of === 'contact').findIndex((p) => p.name === 'Glaze');
  const before = await place();
  await page.getByRole('button', { name: 'Move Glaze up' }).click();
  await until('a place further up', async () => (await place()) === before - 1);
  await page.getByRole('button', { name: 'Edit Job title' }).click();
  await page.getByRole('checkbox', { name: 'Do not show it' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the job title hidden', async () => (await order()).find((p) => p.name === 'Job title')?.hidden);
  await page.getByLabel('Calling code of numbers without a country').fill('49');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The calling code is saved').waitFor();
});

it('a company is found, its values are edited, its people and conversations stand there', async () => {
  await page.goto(`${parley.ready.inbox}contacts`);
  await page.getByRole('navigation', { name: 'Contacts' }).getByRole('link', { name: 'Companies' }).click();
  await page.getByRole('link', { name: 'atelier-novak.example' }).click();
  await page
    .getByRole('link', { name: /Lena Novak/ })
    .first()
    .waitFor();
  await page.getByRole('link', { name: /Gus Novak Of the same house/ }).waitFor();
  await page.getByRole('button', { name: /^Name: / }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Atelier Novak');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Atelier Novak' }).waitFor();
  await page.getByRole('button', { name: /Kiln size/ }).click();
  await page.getByRole('spinbutton', { name: 'Kiln size' }).fill('1200');
  await page.keyboard.press('Enter');
  await page
    .getByRole('button', { name: /Kiln size: / })
    .getByText('1,200')
    .waitFor();
  await page.getByRole('link', { name: /Gus Novak Of the same house/ }).click();
  await page.getByRole('complementary', { name: 'Details' }).getByRole('link', { name: 'Atelier Novak' }).click();
  await page.getByRole('heading', { level: 1, name: 'Atelier Novak' }).waitFor();
});

it('a company is made by hand', async () => {
  await page.goto(`${parley.ready.inbox}companies`);
  await page.getByRole('button', { name: 'New company' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Raku & Sons');
  await page.getByRole('button', { name: 'Create company' }).click();
  await page.getByText('Nobody of it has written yet.').waitFor();
  await page.goto(`${parley.ready.inbox}companies`);
  await page.getByRole('searchbox', { name: 'Search companies' }).fill('raku');
  await page.getByRole('link', { name: 'Raku & Sons' }).waitFor();
});

it('a list is made of conditions, shows who fits, is changed and deleted', async () => {
  const mo = (await parley.api<{ contacts: { id: string }[] }>('/contacts/suggest?q=mo')).contacts[0]?.id;
  const glaze =
    (await parley.api<{ properties: { id: string; name: string }[] }>('/properties')).properties.find((p) => p.name === 'Glaze')?.id ?? '';
  await parley.api(`/contacts/${mo}`, change('PATCH', { props: { [glaze]: 'Celadon' } }));
  await page.goto(`${parley.ready.inbox}contacts`);
  await page.getByRole('button', { name: 'New list' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name of the list').fill('Celadon people');
  await form.getByLabel('What the condition looks at').selectOption({ label: 'Glaze' });
  await form.getByLabel('What Glaze is compared with').selectOption('Celadon');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: /Mo Hart/ }).waitFor();
  expect(await page.getByRole('link', { name: /Lena Novak/ }).count()).toBe(0);
  expect(page.url()).toContain('list=');
  await page.getByRole('button', { name: 'Edit list' }).click();
  await form.getByLabel('What Glaze is compared with').selectOption('Tenmoku');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Nobody is in this list').waitFor();
  await page.getByRole('button', { name: 'Edit list' }).click();
  await form.getByRole('button', { name: 'Add a condition' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByRole('alert').waitFor(); // a condition that asks for nothing
  await form.getByRole('button', { name: 'Delete list' }).click();
  await page.getByRole('link', { name: /Lena Novak/ }).waitFor();
  expect(await page.getByRole('combobox', { name: /^List/ }).locator('option').count()).toBe(1);
  expect(tab.trouble).toEqual([]);
});
