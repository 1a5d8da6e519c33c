/** Who writes, what is known of them, what was said before. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

interface Person {
  id: string;
  name?: string;
  address?: string;
  phone?: string;
  company?: string;
  props?: Record<string, string>;
  mergedInto?: string;
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;
const side = () => page.getByRole('complementary', { name: 'Details' });
const find = async (q: string) => (await parley.api<{ contacts: Person[] }>(`/contacts/suggest?q=${encodeURIComponent(q)}`)).contacts;
const person = async (id: string) => (await parley.api<{ contact: Person }>(`/contacts/${id}`)).contact;
const write = async (from: string, subject: string) => {
  await parley.mail({ from, subject, text: `About ${subject}.` });
  return threadOf(parley, subject);
};

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  await parley.api('/properties', change('POST', { of: 'contact', kind: 'choice', name: 'Plan', options: ['Solo', 'Team'] }));
  await parley.settled();
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

describe('beside a conversation', () => {
  it('stands what was said before, and who else of the company writes', async () => {
    await write('Lena Novak <lena@atelier-novak.example>', 'A first vase');
    await write('Gus Novak <gus@atelier-novak.example>', 'Of the same house');
    const id = await write('Lena Novak <lena@atelier-novak.example>', 'A second vase');
    await page.goto(`${base}/open/${id}`);
    const past = side().locator('section', { has: page.getByRole('heading', { name: /Past conversations/ }) });
    await past.getByRole('link', { name: /A first vase/ }).waitFor();
    expect(await past.getByRole('link').count()).toBe(1); // not itself
    await side().getByText('2 people').waitFor();
    await side()
      .getByRole('link', { name: /Gus Novak Of the same house/ })
      .waitFor();
    await past.getByRole('link', { name: /A first vase/ }).click();
    await page.getByRole('heading', { level: 2, name: 'A first vase' }).waitFor();
  });
  it('is changed in place: text, a choice, an owner, a new company', async () => {
    const [lena] = await find('lena');
    const id = lena?.id ?? '';
    await side().getByRole('button', { name: 'Add: Phone' }).click();
    await page.getByRole('textbox', { name: 'Phone' }).fill('+386 1 555 0143');
    await page.keyboard.press('Enter');
    await side().getByRole('button', { name: 'Phone: +38615550143. Change' }).waitFor();
    await side().getByRole('button', { name: 'Add: Plan' }).click();
    await page.getByRole('combobox', { name: 'Plan' }).selectOption('Team');
    await side().getByRole('button', { name: 'Plan: Team. Change' }).waitFor();
    await side().getByRole('button', { name: 'Add: Owner' }).click();
    await page.getByRole('combobox', { name: 'Owner' }).selectOption({ label: 'Mara Winter' });
    await side().getByText('Mara Winter').waitFor();
    await side().getByRole('button', { name: 'Add: Time zone' }).click();
    await page.getByRole('textbox', { name: 'Time zone' }).fill('Europe/Ljubljana');
    await page.keyboard.press('Enter');
    await side().getByText('Local time').waitFor();
    await side()
      .getByRole('button', { name: /^Company: .*Change/ })
      .click();
    await page.getByRole('textbox', { name: 'Company' }).fill('Novak & Sons');
    await page.keyboard.press('Enter');
    await side().getByRole('button', { name: 'Company: Novak & Sons. Change' }).waitFor();
    const now = await person(id);
    expect(now.phone).toBe('+38615550143');
    expect(now.props).toMatchObject({ timezone: 'Europe/Ljubljana' });
    expect(Object.values(now.props ?? {})).toContain('Team');
  });
  it('a value that cannot be is refused in words, and Escape leaves all as it was', async () => {
    await side()
      .getByRole('button', { name: /^Email: lena@/ })
      .click();
    await page.getByRole('textbox', { name: 'Email' }).fill('gus@atelier-novak.example');
    await page.keyboard.press('Enter');
    await side().getByRole('alert').waitFor();
    await page.keyboard.press('Escape');
    await side()
      .getByRole('button', { name: /^Email: lena@/ })
      .waitFor();
    await page.getByRole('log').waitFor(); // the conversation is still open
  });
});

describe('contacts', () => {
  it('are listed and found by the beginning of a name, an address, a number', async () => {
    await page.getByRole('link', { name: 'Contacts' }).click();
    await page.getByRole('heading', { level: 1, name: 'Contacts' }).waitFor();
    await page.getByRole('link', { name: 'Gus Novak' }).waitFor();
    const search = page.getByRole('searchbox');
    for (const q of ['len', 'lena@atelier', '+386155']) {
      await search.fill(q);
      await page.getByRole('link', { name: 'Gus Novak' }).waitFor({ state: 'detached' });
      await page.getByRole('link', { name: 'Lena Novak' }).waitFor();
    }
    await search.fill('nobody at all');
    await page.getByText('Nobody found').waitFor();
    await search.fill('');
    await page.getByRole('link', { name: 'Gus Novak' }).waitFor();
  });
  it('one is made by hand; nonsense is refused', async () => {
    await page.getByRole('button', { name: 'New contact' }).click();
    await page.getByRole('button', { name: 'Create contact' }).click();
    await page.getByText('A contact needs a name, an address or a number.').waitFor();
    await page.getByRole('dialog').getByLabel('Name').fill('L. Novak');
    await page.getByRole('dialog').getByLabel('Phone').fill('+386 1 555 0143');
    await page.getByRole('button', { name: 'Create contact' }).click();
    await page.getByRole('heading', { level: 1, name: 'L. Novak' }).waitFor();
    await page.getByText('Ada Admin added this contact').waitFor();
  });
  it('a duplicate is suggested, merged, and taken back', async () => {
    const at = page.url();
    const id = at.split('/').at(-1) ?? '';
    const [lena] = (await find('lena')).filter((p) => p.address);
    await page.getByRole('heading', { name: 'Possible duplicates' }).waitFor();
    await page.getByText('same phone number').waitFor();
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('merged Lena Novak into this contact').waitFor();
    await page.getByRole('link', { name: 'A second vase' }).waitFor(); // her conversations come along
    expect((await person(lena?.id ?? '')).id).toBe(id);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('took Lena Novak out of this contact').waitFor();
    expect((await person(lena?.id ?? '')).id).toBe(lena?.id);
    await page.getByRole('button', { name: 'Not the same' }).click();
    await page.getByRole('heading', { name: 'Possible duplicates' }).waitFor({ state: 'detached' });
  });
  it('a note is written, changed and removed', async () => {
    await page.getByRole('textbox', { name: 'Write a note about this contact' }).fill('Collects celadon');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Collects celadon').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Write a note about this contact' }).last().fill('Collects oribe');
    await page.getByRole('button', { name: 'Add note' }).last().click();
    await page.getByText('Collects oribe').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Collects oribe').waitFor({ state: 'detached' });
  });
  it('a consent stands with its exact words', async () => {
    const id = page.url().split('/').at(-1) ?? '';
    await parley.api(
      `/contacts/${id}/consents`,
      change('POST', { purpose: 'News', given: true, text: 'Yes, write to me.', url: 'https://kiln.example/form', at: new Date().toISOString() }),
    );
    await page.reload();
    await page.getByText('Yes, write to me.').waitFor();
    await page.getByText('https://kiln.example/form').waitFor();
  });
  it('one is erased after a question, and its conversations are bare', async () => {
    const [gus] = await find('gus');
    await page.goto(`${parley.ready.inbox}contacts/${gus?.id}`);
    await page.getByRole('button', { name: 'Erase' }).click();
    await page.getByText('This cannot be undone.').waitFor();
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('heading', { level: 1, name: 'Contacts' }).waitFor();
    await page.getByRole('link', { name: 'Gus Novak' }).waitFor({ state: 'detached' });
    await page.goto(`${parley.ready.inbox}contacts/${gus?.id}`);
    await page.getByText('There is no such contact').waitFor();
    await until('nobody of that name', async () => (await find('gus')).length === 0);
  });
});

describe('in and out', () => {
  const csv = [
    'Full name,E-mail,Tier,Shoe size',
    ...Array.from({ length: 30 }, (_, i) => `Person ${i},person${i}@in.example,${i % 2 ? 'Solo' : 'Team'},${30 + i}`),
    'Nobody,not an address,Team,1',
  ].join('\n');
  // That the same file changes nothing the second time is a flow test's: an import begins with the minute.
  it('a file is mapped, shows what is wrong, and comes in', async () => {
    await page.goto(`${parley.ready.inbox}settings/imports`);
    await page.getByLabel(/Import a CSV file/).setInputFiles({ name: 'people1.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByRole('combobox', { name: 'What Full name becomes' }).selectOption('name');
    await page.getByRole('combobox', { name: 'What E-mail becomes' }).selectOption('address');
    await page.getByRole('combobox', { name: 'What Tier becomes' }).selectOption({ label: 'Plan' });
    await page.getByText('31 rows, 1 of them cannot be taken').waitFor();
    await page.getByRole('cell', { name: /^3[12]$/ }).waitFor();
    await page.getByRole('button', { name: 'Import 30 contacts' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'people1.csv' });
    await row.getByText('31 rows: 30 new, 0 changed, 0 unchanged, 1 not taken').waitFor({ timeout: 90_000 });
    await row.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 });
    await row.getByText('Rows that cannot be taken').click();
    await row
      .getByRole('cell', { name: /address/ })
      .first()
      .waitFor();
    expect((await find('person12@in'))[0]?.name).toBe('Person 12');
  }, 150_000);
  it('all of it goes out as one file', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /Export all contacts/ }).click()]);
    const text = (await import('node:fs')).readFileSync((await download.path()) ?? '', 'utf8');
    expect(text).toContain('person12@in.example');
    expect(text.split('\n')[0]).toContain('Plan');
  });
  it('an import is taken back', async () => {
    await page.getByRole('listitem').filter({ hasText: 'people1.csv' }).getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('listitem').filter({ hasText: 'people1.csv' }).getByText('Undone', { exact: true }).waitFor({ timeout: 90_000 });
    expect(await find('person12@in')).toEqual([]);
  }, 120_000);
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
