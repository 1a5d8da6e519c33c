/** Each role meets what it may do, and nothing else: no control leads to a request that the server refuses. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { others, rightGroups } from '../inbox/src/features/team/rights';
import { launch, open, signIn } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

interface User {
  id: string;
  email: string;
  role: string;
  capacity?: number;
  away?: boolean;
}

let parley: Parley;
let browser: Browser;
let support: string;
let board: string;
let chat: string;
let flow: string;
const threads: Record<string, string> = {};

const users = async () => (await parley.api<{ users: User[] }>('/users')).users;
const idOf = async (email: string) => (await users()).find((u) => u.email.startsWith(email))?.id ?? '';
const invite = (name: string, role: string) =>
  parley.api<User>('/users', change('POST', { email: `${name.toLowerCase()}@parley.localhost`, name, role }));
const at = (path: string) => parley.ready.inbox + path;

/** Somebody's page, and every request and frame that was refused since they signed in. */
async function as(name: string): Promise<{ page: Page; refused: string[]; trouble: string[] }> {
  const { page, trouble } = await open(browser);
  const refused: string[] = [];
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  page.on('websocket', (ws) => ws.on('framereceived', ({ payload }) => /"t":"error"/.test(String(payload)) && refused.push(String(payload))));
  await signIn(page, parley, (await users()).find((u) => u.email.startsWith(name))?.email);
  // That there is no draft at an address is no refusal.
  const asked = (url: string) => url.includes('/api/') && !url.includes('/api/drafts/');
  page.on('response', (r) => r.status() >= 400 && asked(r.url()) && refused.push(`${r.status()} ${r.request().method()} ${r.url()}`));
  return { page, refused, trouble };
}

async function read(page: Page, inbox: string, view: string, id: string, text: string): Promise<void> {
  await page.goto(at(`inbox/${inbox}/${view}/${id}`));
  await page.getByRole('log').getByText(text).first().waitFor();
  await page.waitForTimeout(1_300); // it counts as read after a second, and a chat as seen
}

/** Names of everything in the main part that can be pressed, typed into or chosen from. */
async function offered(page: Page): Promise<string[]> {
  const main = page.locator('main');
  const names = await main
    .locator(
      'button:enabled:not([aria-disabled=true]), textarea:enabled:not([readonly]), select:enabled, input:enabled:not([readonly]), [contenteditable=true]',
    )
    .evaluateAll((all) =>
      all
        .filter((e) => !(e.getRootNode() instanceof ShadowRoot)) // the widget in its preview talks to nobody
        .map((e) => e.getAttribute('aria-label') || e.textContent?.trim() || (e as HTMLInputElement).labels?.[0]?.textContent || e.tagName),
    );
  return names.map((n) => n.replace(/\s+/g, ' ').trim());
}

const workKeys = ['r', 'R', 'f', 'n', 'a', 's', 't', 'U', '#', 'i', 'e', '!', 'm', 'x', 'X', 'c'];

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  support = await inboxId(parley);
  const [vera, mia, noah] = [await invite('Vera', 'viewer'), await invite('Mia', 'manager'), await invite('Noah', 'agent')];
  const [mara, me] = [await idOf('mara@'), (await parley.api<User>('/me')).id];
  board = (await parley.api<{ id: string }>('/inboxes', change('POST', { name: 'Board' }))).id;
  await parley.api(`/users/${mara}/role`, change('PUT', { role: 'agent' }));
  await parley.api(`/inboxes/${support}/members`, change('PUT', { everyone: false, users: [me, mara, mia.id, vera.id] }));
  await parley.api(`/inboxes/${board}/members`, change('PUT', { everyone: false, users: [me, noah.id] }));
  const made = await parley.api<{ account: { id: string }; flows: { id: string }[] }>(
    '/chats',
    change('POST', { inbox: support, name: 'Shop chat', origin: 'https://shop.example' }),
  );
  chat = made.account.id;
  flow = made.flows[0]?.id ?? '';
  await parley.settled();
  for (const [key, subject, text] of [
    ['plain', 'A broken cup', 'Could you help me?'],
    ['snoozed', 'A slow parcel', 'It has not moved.'],
    ['spam', 'A great offer', 'Buy now.'],
    ['closed', 'A thank-you', 'All is well.'],
  ] as const) {
    await parley.mail({ from: 'Nora Quist <nora@quist.example>', subject, text });
    threads[key] = await threadOf(parley, subject);
  }
  await parley.api(`/threads/${threads.plain}/comments`, change('POST', { text: 'Please look, @Vera', mentions: [{ user: vera.id }] }));
  await parley.api(`/threads/${threads.plain}/messages`, change('POST', { text: 'Of course.' }));
  await parley.api(`/threads/${threads.snoozed}/snooze`, change('PUT', {}));
  await parley.api(`/threads/${threads.spam}/folder`, change('PUT', { folder: 'spam' }));
  await parley.api(`/threads/${threads.closed}/status`, change('PUT', { status: 'closed' }));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

describe('a viewer', () => {
  let page: Page;
  let refused: string[];
  beforeAll(async () => {
    ({ page, refused } = await as('vera@'));
  });

  it('is called so', async () => {
    await page.getByRole('navigation', { name: 'Views' }).getByText('Viewer').waitFor();
  });
  it('reads every conversation and is offered no work on it', async () => {
    for (const [key, view, text] of [
      ['plain', 'open', 'Could you help me?'],
      ['snoozed', 'snoozed', 'It has not moved.'],
      ['spam', 'spam', 'Buy now.'],
      ['closed', 'closed', 'All is well.'],
    ] as const) {
      const id = threads[key] ?? '';
      await read(page, support, view, id, text);
      await page.getByText('You can read this inbox, but not work in it.').waitFor();
      const open = page.getByRole('region', { name: /Nora Quist/ });
      expect(await open.getByRole('textbox').count()).toBe(0);
      const found = await offered(page);
      expect(found.filter((n) => !/^(Views|More about this mail|Details|Back)/.test(n) && !/details|recipients/i.test(n))).toEqual([]);
      await page.locator(`#row-${id}`).hover();
      expect(await page.getByTestId('pick').count()).toBe(0);
      const here = page.url();
      for (const k of workKeys) await page.keyboard.press(k);
      expect(await page.locator('[role=dialog], [role=menu]').filter({ visible: true }).count()).toBe(0);
      expect(page.url()).toBe(here);
    }
  });
  it('looks into a mail, and cannot pass it on', async () => {
    await read(page, support, 'open', threads.plain ?? '', 'Could you help me?');
    await page.getByRole('button', { name: 'More about this mail' }).first().click();
    await page.getByRole('menuitem', { name: 'Why is this mail here?' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Forward' }).count()).toBe(0);
    await page.keyboard.press('Escape');
  });
  it('goes through the views, of which none is refused', async () => {
    const links = page.getByRole('navigation', { name: 'Views' }).getByRole('link');
    const names = await links.allInnerTexts();
    expect(names.filter((n) => /Drafts|Quarantine/.test(n))).toEqual([]);
    for (let i = 0; i < names.length; i++) {
      await links.nth(i).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(await page.getByRole('link', { name: 'Quarantine' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New mail' }).count()).toBe(0);
  });
  it('reads that a page is not open to them, instead of a refusal', async () => {
    for (const path of [
      'drafts',
      'quarantine',
      'write/abcdef0123456789',
      'settings/changes',
      'settings/start',
      'settings/imports',
      'settings/routing',
    ]) {
      await page.goto(at(path));
      await page.getByText('This is not open to you').waitFor();
      expect(await page.getByRole('button', { name: 'Try again' }).count(), path).toBe(0);
    }
  });
  it('reads contacts and changes none', async () => {
    await page.goto(at('contacts'));
    await page.getByRole('link', { name: 'Nora Quist' }).click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await offered(page)).toEqual(['Open navigation']);
  });
  it('sees the settings, and changes their own alone', async () => {
    await page.goto(at('settings'));
    const links = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
    await links.first().waitFor();
    const names = await links.allInnerTexts();
    expect(names).toEqual([
      'Channels',
      'Live chat',
      'Email filters',
      'Mail ledger',
      'Members',
      'Roles',
      'Teams',
      'Inboxes',
      'Business hours',
      'Articles',
      'Snippets',
      'Tags',
      'Profile',
      'Notifications',
    ]);
    for (const name of names.filter((n) => n !== 'Profile' && n !== 'Notifications')) {
      await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const found = await offered(page);
      // An inbox is chosen, an address is copied, an address of a page is tried: nothing of that changes anything.
      expect(
        found.filter((n) => !/^(Open navigation|Copy|Chat: |Inbox |Try|Address of a page|Check)/.test(n)),
        name,
      ).toEqual([]);
    }
    await page.getByRole('link', { name: 'Profile' }).click();
    await page.getByRole('textbox', { name: 'Name' }).waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
  });
  it('is told only the keys that do something', async () => {
    await page.goto(at(`inbox/${support}/open`));
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').locator('kbd').first().waitFor();
    const keys = await page.getByRole('dialog').locator('kbd').allInnerTexts();
    expect(keys).toEqual(['j', 'k', 'Enter', 'o', 'u', 'Esc', '?']);
    await page.keyboard.press('Escape');
  });
  it('was refused nothing', () => expect(refused).toEqual([]));
});

describe('a manager', () => {
  let page: Page;
  let refused: string[];
  beforeAll(async () => {
    ({ page, refused } = await as('mia@'));
  });

  it('works where they belong, and looks elsewhere', async () => {
    await page.getByRole('navigation', { name: 'Views' }).getByText('Manager').waitFor();
    await read(page, support, 'open', threads.plain ?? '', 'Could you help me?');
    await page.getByRole('textbox', { name: /^Reply to/ }).waitFor();
    const { id } = await parley
      .api<{ id: string }>(`/threads/${threads.closed}/inbox`, change('PUT', { inbox: board }))
      .then(() => ({ id: threads.closed ?? '' }));
    await read(page, board, 'closed', id, 'All is well.');
    await page.getByText('You can read this inbox, but not work in it.').waitFor();
    expect(await page.getByRole('button', { name: 'Reopen' }).count()).toBe(0);
    for (const k of workKeys.filter((k) => k !== 'c')) await page.keyboard.press(k);
    expect(await page.locator('[role=dialog], [role=menu]').filter({ visible: true }).count()).toBe(0);
  });
  it('sets what somebody gets and whether they are there, and nothing else of them', async () => {
    await page.goto(at('settings/members'));
    const more = page.getByRole('button', { name: 'More for Mara Winter' });
    await more.click();
    expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Capacity', 'Set to away']);
    await page.getByRole('menuitem', { name: 'Capacity' }).click();
    await page.getByRole('dialog').getByRole('spinbutton').fill('4.5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('row', { name: /Mara Winter/ })
      .getByText('of 4.5')
      .waitFor();
    await more.click();
    await page.getByRole('menuitem', { name: 'Set to away' }).click();
    await page
      .getByRole('row', { name: /Mara Winter/ })
      .getByText('Away')
      .waitFor();
    expect((await users()).find((u) => u.email.startsWith('mara@'))).toMatchObject({ capacity: 4.5, away: true });
    await more.click();
    await page.getByRole('menuitem', { name: 'Set to available' }).click();
    await page
      .getByRole('row', { name: /Mara Winter/ })
      .getByText('Available')
      .waitFor();
    expect(await page.getByRole('combobox').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Invite a member' }).count()).toBe(0);
  });
  it('says when an inbox is worked, not what it is called', async () => {
    await parley.api('/hours', change('POST', { name: 'Studio', zone: 'Europe/London', week: [] }));
    await page.goto(at('settings/inboxes'));
    expect(await page.getByRole('button', { name: 'New inbox' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Edit Board' }).click();
    const form = page.getByRole('dialog');
    expect(await form.getByRole('textbox').count()).toBe(0);
    await form.getByLabel('Business hours').selectOption({ label: 'Studio' });
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Board' }).getByText('Studio').waitFor();
  });
  it('changes a chatflow, not the chat', async () => {
    await page.goto(at(`settings/chat/${chat}`));
    await page.getByText('You can change the chatflows.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Title' }).isEditable()).toBe(false);
    await page.getByRole('button', { name: 'Edit', exact: true }).first().click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Pricing questions');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').first().waitFor();
    await until('the name', async () => {
      const { chats } = await parley.api<{ chats: { flows: { id: string; name: string }[] }[] }>('/chats');
      return chats.some((c) => c.flows.some((f) => f.id === flow && f.name === 'Pricing questions'));
    });
  });
  it('blocks an address, not a domain', async () => {
    await page.goto(at(`settings/filters/${support}`));
    const field = page.getByRole('textbox', { name: 'Address', exact: true });
    await field.fill('lottery.example');
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByText('You can block single addresses. Whole domains are for admins.').waitFor();
    await field.fill('win@lottery.example');
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByRole('list', { name: 'Deny list' }).getByText('win@lottery.example').waitFor();
    await page.getByRole('button', { name: 'Remove win@lottery.example' }).click();
    await page.getByRole('list', { name: 'Deny list' }).waitFor({ state: 'detached' });
  });
  it('gives one chatflow routing of its own, tried before it is kept', async () => {
    await page.goto(at(`settings/routing/${support}`));
    const source = page.getByRole('group', { name: 'Shop chat: Pricing questions' });
    await source.getByRole('switch', { name: 'Routing of its own' }).click();
    await source.getByRole('combobox', { name: 'To whom' }).selectOption('people');
    await source.getByRole('checkbox', { name: 'Mara Winter' }).check();
    const attempt = page.getByRole('complementary', { name: 'Try it' });
    await attempt.getByLabel('Account').selectOption({ label: 'Shop chat' });
    await attempt.getByRole('button', { name: 'Who would get it?' }).click();
    await attempt
      .getByText('Left unassigned')
      .or(attempt.getByText(/nobody/i))
      .first()
      .waitFor();
    await attempt.getByLabel('Chatflow').selectOption({ label: 'Pricing questions' });
    await attempt.getByRole('button', { name: 'Who would get it?' }).click();
    await attempt.getByText('Mara Winter would get it').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Routing saved').waitFor();
    const plan = await parley.api<{ sources: Record<string, { kind: string; users: string[] }> }>(`/inboxes/${support}/routing`);
    expect(plan.sources[flow]).toMatchObject({ kind: 'people', users: [await idOf('mara@')] });
  });
  it('meets every section, and none of the admins’', async () => {
    const links = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
    const names = await links.allInnerTexts();
    expect(names).toContain('Import and export');
    expect(names.filter((n) => /Get started|Settings log/.test(n))).toEqual([]);
    for (const name of names) {
      await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
    }
    await page.goto(at('quarantine'));
    await page.getByText('Nothing in quarantine').waitFor();
  });
  it('was refused nothing', () => expect(refused).toEqual([]));
});

describe('an agent outside of an inbox', () => {
  let page: Page;
  let refused: string[];
  beforeAll(async () => {
    ({ page, refused } = await as('noah@'));
  });

  it('is nowhere led to it, and finds nothing under its address', async () => {
    await page.getByRole('heading', { level: 1, name: 'All open' }).waitFor();
    expect(page.url()).toContain(board);
    const nav = page.getByRole('navigation', { name: 'Views' });
    await nav.getByText('Board').waitFor();
    expect(await nav.getByRole('button', { name: /Inbox Board/ }).count()).toBe(0); // there is no other
    expect(await page.getByRole('link', { name: 'Quarantine' }).count()).toBe(0);
    for (const path of [`inbox/${support}/open`, `inbox/${support}/open/${threads.plain}`]) {
      await page.goto(at(path));
      await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    }
    await page.goto(at('quarantine'));
    await page.getByText('It shows mail of every inbox, and you do not see them all.').waitFor();
  });
  it('works in their own', async () => {
    await page.goto(at(`inbox/${board}/closed/${threads.closed}`));
    await page.getByRole('textbox', { name: /^Reply to/ }).waitFor();
    await page.keyboard.press('e');
    await until('open again', async () => (await parley.api<{ thread: { status: string } }>(`/threads/${threads.closed}`)).thread.status === 'open');
  });
  it('writes from the addresses of their own alone', async () => {
    await page.goto(at('write/0123456789abcdef'));
    await page.getByRole('textbox', { name: 'Subject' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'From' }).count()).toBe(0);
    await page.getByText(/^board@/).waitFor();
  });
  it('goes through contacts and settings', async () => {
    await page.goto(at('contacts'));
    await page.getByRole('link', { name: 'Nora Quist' }).click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(await page.getByText('A broken cup').count()).toBe(0);
    await page.goto(at('settings'));
    const nav = page.getByRole('navigation', { name: 'Settings' });
    await nav.getByRole('link').first().waitFor();
    for (const name of await nav.getByRole('link').allInnerTexts()) {
      await nav.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
    }
  });
  it('was refused nothing', () => expect(refused).toEqual([]));
});

it('a role that is taken away while a page is open takes its controls with it', async () => {
  const { page } = await as('mara@');
  await read(page, support, 'open', threads.plain ?? '', 'Could you help me?');
  await page.getByRole('textbox', { name: /^Reply to/ }).waitFor();
  await parley.api(`/users/${await idOf('mara@')}/role`, change('PUT', { role: 'viewer' }));
  await parley.settled();
  await page.keyboard.press('n');
  await page.keyboard.type('One more thing');
  await page.keyboard.press('Control+Enter');
  await page.getByText('You can read this inbox, but not work in it.').waitFor();
  const card = page.getByRole('article').filter({ hasText: 'One more thing' });
  expect(await card.getByRole('button').allInnerTexts()).toEqual(['Discard']);
  await card.getByRole('button', { name: 'Discard' }).click();
  await card.waitFor({ state: 'detached' });
});

describe('an admin', () => {
  let page: Page;
  let trouble: string[];
  beforeAll(async () => {
    ({ page, trouble } = await as(parley.ready.user.split('@')[0] ?? ''));
  });

  it('reads what each role may do, as the server says', async () => {
    await page.goto(at('settings/members'));
    await page.getByRole('link', { name: 'What each role may do' }).click();
    const table = page.getByRole('table', { name: 'Roles' });
    await table.waitFor();
    expect(await table.getByRole('columnheader').allInnerTexts()).toEqual(['May', 'Admin', 'Manager', 'Agent', 'Viewer']);
    const { roles } = await parley.api<{ roles: { role: 'admin' | 'manager' | 'agent' | 'viewer'; sees: boolean; may: string[] }[] }>('/roles');
    const rights = rightGroups.flatMap((g) => g.rights);
    // Of what is one right each role has all or nothing, or the table would say less than it may.
    for (const r of roles)
      expect(rights.filter((x) => x.needs.some((o) => r.may.includes(o)) && !x.needs.every((o) => r.may.includes(o))).map((x) => x.label)).toEqual(
        [],
      );
    const cells = async (name: string) => (await table.getByRole('row', { name }).getByRole('cell').allInnerTexts()).join(' ');
    expect(await cells('Invite members')).toBe('Yes No No No');
    expect(await cells('Set up the routing')).toBe('Yes Yes No No');
    expect(await cells('Write internal notes')).toBe('Yes Yes Yes No');
    expect(await cells('Read conversations')).toBe('Yes Yes Yes Yes');
    expect(await cells('See every inbox')).toBe('Yes Yes No Yes');
    for (const o of others(roles)) await table.getByRole('rowheader', { name: o, exact: true }).waitFor();
  });
  it('is told who was faster, and overwrites nothing', async () => {
    await page.goto(at('settings/inboxes'));
    await page.getByRole('button', { name: 'Edit Board' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill('My board');
    await parley.api(`/inboxes/${board}`, change('PUT', { name: 'Their board' }));
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Somebody else changed this inbox meanwhile. Your changes are not saved.').waitFor();
    await form.getByRole('button', { name: 'Show how it is now' }).click();
    await until('the new name', async () => (await form.getByLabel('Name', { exact: true }).inputValue()) === 'Their board');
    await form.getByLabel('Name', { exact: true }).fill('Our board');
    await form.getByRole('radio', { name: 'Everyone' }).check(); // two changes, each of the revision that the one before it made
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Our board' }).getByText('Everyone').waitFor();
  });
  it('had no violation of the page’s policy and no error', () => expect(trouble).toEqual([]));
});
