/** A team's work on a month of a small shop: views, whose it is, when it comes back, what it is about, many at once. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { inboxId, threadOf } from './seed';

interface Head {
  id: string;
  subject: string;
  status: string;
  folder?: string;
  priority?: string;
  snooze?: { until?: string };
  tags?: { name: string }[];
  team?: { name: string };
  assignee?: { name: string };
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;
let inbox: string;
const home = mkdtempSync(join(tmpdir(), 'parley-month-'));
const month = join(home, 'month');

const heads = async (view: string) =>
  (await parley.api<{ threads: { thread: Head }[] }>(`/inboxes/${inbox}/threads?view=${view}&limit=100`)).threads.map((r) => r.thread);
const headOf = async (id: string) => (await parley.api<{ thread: Head }>(`/threads/${id}`)).thread;
/** A mail of this test's own, opened. */
async function fresh(subject: string): Promise<string> {
  await parley.mail({ from: 'Nora Quist <nora@quist.example>', subject, text: 'Could you help me with this?' });
  const id = await threadOf(parley, subject);
  await page.goto(`${base}/open/${id}`);
  await page.getByRole('log').waitFor();
  return id;
}
const views = () => page.getByRole('navigation', { name: 'Views' });

beforeAll(async () => {
  execFileSync('go', ['run', './infra/local/demo', '-dir', month], { cwd: join(import.meta.dirname, '../..') });
  [parley, browser] = await Promise.all([Parley.start({ DATA_DIR: month }), launch()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  inbox = await inboxId(parley);
  base = `${parley.ready.inbox}inbox/${inbox}`;
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('views', () => {
  it('each shows what the server says, under its name and with its count', async () => {
    await page.goto(`${base}/open`);
    await page.getByRole('option').first().waitFor();
    for (const [name, view] of [
      ['Assigned to me', 'mine'],
      ['Unassigned', 'unassigned'],
      ['Mentions', 'mentions'],
      ['Snoozed', 'snoozed'],
      ['Closed', 'closed'],
      ['Filtered', 'filtered'],
      ['Spam', 'spam'],
    ] as const) {
      await views().getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      const want = await heads(view);
      expect(want.length, view).toBeGreaterThan(0);
      await page.locator(`#row-${want[0]?.id}`).waitFor();
      if (want.length < 50 && view !== 'closed') {
        const said = await views().getByRole('link', { name }).locator('b').innerText();
        expect(said, view).toBe(String(want.length));
      }
    }
  });
  it('a team, and a channel', async () => {
    await views().getByRole('link', { name: 'Billing' }).click();
    await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
    await page.getByRole('option').first().waitFor();
    const team = decodeURIComponent(page.url()).split('team:')[1]?.split('/')[0] ?? '';
    const want = (await parley.api<{ threads: { thread: Head }[] }>(`/inboxes/${inbox}/threads?view=team&team=${team}`)).threads;
    expect(want.every((r) => r.thread.team?.name === 'Billing')).toBe(true);
    await page.locator(`#row-${want[0]?.thread.id}`).waitFor();
    await views()
      .getByRole('link', { name: /support@/ })
      .click();
    await page.getByRole('heading', { level: 1, name: parley.ready.address }).waitFor();
    await page.getByRole('option').first().waitFor();
  });
  it('one that does not exist leads to all open', async () => {
    await page.goto(`${base}/nonsense`);
    await page.getByRole('heading', { level: 1, name: 'All open' }).waitFor();
  });
});

describe('one conversation', () => {
  it('is given to a colleague and to a team', async () => {
    const id = await fresh('Two bowls');
    await page.keyboard.press('a');
    await page.getByRole('menuitem', { name: 'Mara Winter' }).click();
    await page.getByText('assigned this to Mara Winter').waitFor();
    await page.keyboard.press('a');
    await page.getByRole('menuitem', { name: 'Billing' }).click();
    await until('the team', async () => (await headOf(id)).team?.name === 'Billing');
    expect((await headOf(id)).assignee?.name).toBe('Mara Winter');
    await page.keyboard.press('a');
    await page.getByRole('menuitem', { name: 'No team' }).click();
    await until('no team', async () => !(await headOf(id)).team);
  });
  it('is tagged, with a new tag too, and loses one', async () => {
    const id = await fresh('Three cups');
    await page.keyboard.press('t');
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Refund' }).check();
    await page.getByLabel('Find or add a tag').fill('Glaze club');
    await page.getByRole('button', { name: 'Add the tag “Glaze club”' }).click();
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Glaze club' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('added Refund and Glaze club').waitFor();
    expect((await headOf(id)).tags?.map((g) => g.name).sort()).toEqual(['Glaze club', 'Refund']);
    await page.keyboard.press('t');
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Refund' }).uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('removed Refund').waitFor();
    expect((await headOf(id)).tags?.map((g) => g.name)).toEqual(['Glaze club']);
  });
  it('is urgent, and normal again', async () => {
    const id = await fresh('Four plates');
    await page
      .getByRole('region', { name: /Nora Quist/ })
      .getByRole('button', { name: 'More' })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Urgent' }).click();
    await page.getByText('set the priority to Urgent').waitFor();
    expect((await headOf(id)).priority).toBe('urgent');
    await page
      .getByRole('region', { name: /Nora Quist/ })
      .getByRole('button', { name: 'More' })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Normal' }).click();
    await until('normal', async () => !(await headOf(id)).priority);
  });
  it('is snoozed to a time, comes back by hand, and by an answer', async () => {
    const id = await fresh('Five jugs');
    await page.keyboard.press('s');
    await page.getByRole('menuitem', { name: /Tomorrow/ }).click();
    await page.getByText(/Nora Quist snoozed until/).waitFor();
    const until9 = Date.parse((await headOf(id)).snooze?.until ?? '');
    expect(new Date(until9).getMinutes()).toBe(0);
    expect(until9).toBeGreaterThan(Date.now());
    await page.goto(`${base}/snoozed/${id}`);
    await page.getByText('A new message brings it back at once.').waitFor();
    await page.getByRole('button', { name: 'End the snooze' }).click();
    await page.getByText('ended the snooze').waitFor();
    expect((await headOf(id)).snooze).toBeUndefined();
    await page.goto(`${base}/open/${id}`);
    await page.getByRole('log').waitFor();
    await page.keyboard.press('s');
    await page.getByRole('menuitem', { name: 'They reply' }).click();
    await until('asleep', async () => !!(await headOf(id)).snooze);
    await page.goto(`${base}/snoozed/${id}`);
    await page.getByText('Snoozed until they reply.').waitFor();
  });
  it('a time that has passed is refused in words', async () => {
    await fresh('Six vases');
    await page.keyboard.press('s');
    await page.getByRole('menuitem', { name: 'Choose a time…' }).click();
    const field = page.getByLabel('Date and time');
    await field.fill('2020-01-01T09:00');
    await field.evaluate((el: HTMLInputElement) => el.removeAttribute('min'));
    await page.getByRole('dialog').getByRole('button', { name: 'Snooze' }).click();
    await page.getByText('Choose a time that is still to come.').waitFor();
    await page.keyboard.press('Escape');
  });
  it('goes to the trash, and back', async () => {
    const id = await fresh('Seven tiles');
    await page.keyboard.press('#');
    await page.getByText('Moved to the trash').waitFor();
    expect((await headOf(id)).folder).toBe('trash');
    await page.goto(`${base}/trash/${id}`);
    await page.getByRole('button', { name: 'Move to inbox' }).first().click();
    await until('back', async () => !(await headOf(id)).folder);
  });
  it('counts as unread again', async () => {
    const id = await fresh('Eight mugs');
    const read = async () => (await parley.api<{ readSeq: number }>(`/threads/${id}`)).readSeq;
    await until('read', async () => (await read()) > 0);
    await page.keyboard.press('U');
    await until('not read', async () => (await read()) === 0);
    await page.locator(`#row-${id}`).getByText('Unread').waitFor({ state: 'attached' });
  });
  it('says who got it and why', async () => {
    const routed = await until('a routed one', async () => {
      for (const h of (await heads('open')).slice(0, 40)) {
        const { entries } = await parley.api<{ entries: { assigned?: { routing?: { chosen?: { name: string }; passed?: unknown[] } } }[] }>(
          `/threads/${h.id}`,
        );
        const by = entries.find((e) => e.assigned?.routing?.chosen && e.assigned.routing.passed?.length)?.assigned?.routing;
        if (by) return { id: h.id, name: by.chosen?.name ?? '' };
      }
      return undefined;
    });
    await page.goto(`${base}/open/${routed.id}`);
    await page.getByRole('log').waitFor();
    await page.getByText('Why?').first().click();
    await page.getByText('Chosen').first().waitFor();
    await page.getByRole('definition').filter({ hasText: routed.name }).first().waitFor();
    await page.getByText('Passed over').first().waitFor();
  });
});

describe('many', () => {
  it('are picked by keys, tagged and closed together; what fails stays picked', async () => {
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      await parley.mail({ from: `Olle ${n} <olle${n}@many.example>`, subject: `Many ${n}`, text: 'x' });
      ids.push(await threadOf(parley, `Many ${n}`));
    }
    await page.goto(`${base}/open`);
    await page.locator(`#row-${ids[2]}`).waitFor();
    await page.getByRole('listbox').focus();
    for (const id of ids) {
      await page.locator(`#row-${id}`).hover();
      await page.locator(`#row-${id}`).getByTestId('pick').click();
    }
    await page.getByText('3 selected', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Conversations' }).getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Tags…' }).click();
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Gift' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await until('all tagged', async () => (await Promise.all(ids.map(headOf))).every((h) => h.tags?.some((g) => g.name === 'Gift')));
    for (const id of ids) await page.locator(`#row-${id}`).getByTestId('pick').click();
    await page.route('**/api/threads/bulk', async (route) => {
      const asked = route.request().postDataJSON() as { threads: string[] };
      const res = await route.fetch({ postData: JSON.stringify({ ...asked, threads: asked.threads.filter((id) => id !== ids[1]) }) });
      const { results } = (await res.json()) as { results: unknown[] };
      await route.fulfill({ response: res, json: { results: [...results, { thread: ids[1], code: 'busy', detail: 'Please try again.' }] } });
    });
    await page.getByRole('region', { name: 'Conversations' }).getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByText('1 of 3 could not be changed and stays selected: Please try again.').waitFor();
    await page.getByText('1 selected', { exact: true }).waitFor();
    await page.unroute('**/api/threads/bulk');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'All open' }).waitFor();
    await until('closed', async () => (await headOf(ids[0] ?? '')).status === 'closed');
  });
  it('the keyboard picks a range', async () => {
    await page.goto(`${base}/open`);
    await page.getByRole('option').first().waitFor();
    for (const key of ['j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
    await page.getByText('3 selected', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'All open' }).waitFor();
  });
});

describe('snippets and first steps', () => {
  it('a snippet is kept, with a token, and stands in the composer', async () => {
    await page.goto(`${parley.ready.inbox}settings/snippets`);
    await page.getByRole('button', { name: 'New snippet' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Shortcut').fill('not allowed!');
    await form.getByLabel('Title').fill('Kiln times');
    await form.getByLabel('Text', { exact: true }).fill('Hello ');
    await form.getByRole('button', { name: 'contact.firstName' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('Shortcut').fill('kilntimes');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit #kilntimes' }).waitFor();
    await fresh('Ten saucers');
    await page.getByRole('textbox', { name: /^Reply to/ }).click();
    await page.keyboard.type('#kilnt');
    await page.getByRole('option', { name: /kilntimes/ }).click();
    await page
      .getByRole('textbox', { name: /^Reply to/ })
      .getByText('Hello Nora')
      .waitFor();
  });
  it('the first steps say what is done, and the workspace gets a name', async () => {
    await page.goto(`${parley.ready.inbox}settings/start`);
    await page.getByRole('listitem').filter({ hasText: 'Add your team' }).getByText('Done.').waitFor({ state: 'attached' });
    const address = (await parley.api<{ address: string }>('/setup')).address;
    await page
      .getByRole('region', { name: 'Get started' })
      .getByText(address.split('@')[0] ?? '')
      .first()
      .waitFor();
    await page.getByLabel('Name of the workspace').fill('Kiln & Clay Studio');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The workspace is called Kiln & Clay Studio').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Name your workspace' }).getByText('Done.').waitFor({ state: 'attached' });
  });
});

describe('settings of the team', () => {
  const users = async () =>
    (await parley.api<{ users: { id: string; name: string; email: string; role: string; disabled?: boolean }[] }>('/users')).users;
  const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });
  it('somebody is invited with a role; an address that is none is refused', async () => {
    await page.goto(`${parley.ready.inbox}settings/members`);
    await page.getByRole('button', { name: 'Invite a member' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Email').fill('nobody');
    await form.getByRole('button', { name: 'Send invitation' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('Email').fill('ines@kiln.example');
    await form.getByLabel('Name').fill('Ines Ibarra');
    await form.getByRole('radio', { name: /Manager/ }).check();
    await form.getByRole('button', { name: 'Send invitation' }).click();
    await row('Ines Ibarra').waitFor();
    expect((await users()).find((u) => u.name === 'Ines Ibarra')?.role).toBe('manager');
  });
  it('a role and a capacity are changed', async () => {
    await page.getByRole('combobox', { name: 'Role of Ines Ibarra' }).selectOption('agent');
    await until('the role', async () => (await users()).find((u) => u.name === 'Ines Ibarra')?.role === 'agent');
    await page.getByRole('button', { name: 'More for Ines Ibarra' }).click();
    await page.getByRole('menuitem', { name: 'Capacity' }).click();
    await page.getByRole('dialog').getByRole('spinbutton').fill('4.5');
    await page.getByRole('button', { name: 'Save' }).click();
    await row('Ines Ibarra').getByText('0 of 4.5').waitFor();
  });
  it('a leaver loses access, and what they had goes to another', async () => {
    const all = await users();
    const jonas = all.find((u) => u.name.startsWith('Jonas'));
    const mara = all.find((u) => u.name === 'Mara Winter');
    const owned = (await heads('open')).filter((h) => h.assignee?.name === jonas?.name).map((h) => h.id);
    expect(owned.length).toBeGreaterThan(0);
    await page.getByRole('button', { name: `More for ${jonas?.name}` }).click();
    await page.getByRole('menuitem', { name: 'End access' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End access' }).click();
    await page.getByRole('heading', { name: /Hand over what/ }).waitFor();
    await page.getByRole('dialog').getByRole('combobox').selectOption(`agent:${mara?.id}`);
    await page.getByRole('dialog').getByRole('button', { name: 'Hand over conversations' }).click();
    await page.getByText(/handed over/).waitFor();
    await row(jonas?.name ?? '')
      .getByText('No access')
      .waitFor();
    await until('the first of them', async () => (await headOf(owned[0] ?? '')).assignee?.name === 'Mara Winter');
  });
  it('a team is made, and shows where conversations are assigned', async () => {
    await page.getByRole('link', { name: 'Teams' }).click();
    await page.getByRole('button', { name: 'New team' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill('Kiln');
    await form.getByRole('radio', { name: 'Violet' }).check();
    await form.getByRole('checkbox', { name: /Mara Winter/ }).check();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Kiln' }).getByText('1 member').waitFor();
    await fresh('Nine lids');
    await page.keyboard.press('a');
    await page.getByRole('menuitem', { name: 'Kiln' }).waitFor();
    await page.keyboard.press('Escape');
  });
  it('business hours with a holiday; hours that overlap are refused', async () => {
    await page.goto(`${parley.ready.inbox}settings/hours`);
    await page.getByRole('button', { name: 'New business hours' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill('Studio');
    await form.getByLabel('Time zone').selectOption('Europe/London');
    await form.getByRole('button', { name: 'Add hours on Monday' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor(); // nine to five twice
    await form.getByRole('button', { name: 'Remove these hours on Monday' }).last().click();
    await form.getByLabel('Friday to').fill('13:00');
    await form.getByRole('button', { name: 'Add a holiday' }).click();
    await form.getByLabel('Date').fill('2026-12-25');
    await form.getByRole('checkbox', { name: 'every year' }).check();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Studio' }).getByText('Fri 09:00–13:00').waitFor();
    const { hours } = await parley.api<{ hours: { name: string; zone: string; week: object[]; holidays: object[] }[] }>('/hours');
    expect(hours.find((h) => h.name === 'Studio')).toMatchObject({ zone: 'Europe/London', holidays: [{ date: '2026-12-25', yearly: true }] });
  });
  it('an inbox of its own, for a team, worked in those hours', async () => {
    await page.goto(`${parley.ready.inbox}settings/inboxes`);
    await page.getByRole('button', { name: 'New inbox' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill('Wholesale desk');
    await form.getByRole('radio', { name: 'Chosen teams and people' }).check();
    await form.getByRole('checkbox', { name: 'Team Kiln' }).check();
    await form.getByRole('checkbox', { name: /Ada Admin/ }).check();
    await form.getByLabel('Business hours').selectOption({ label: 'Studio' });
    await form.getByRole('button', { name: 'Save' }).click();
    const card = page.getByRole('listitem').filter({ hasText: 'Wholesale desk' });
    await card.getByText('1 people, 1 teams · Studio').waitFor();
    await page.getByRole('button', { name: 'Edit Wholesale desk' }).click();
    await form.getByLabel('Name', { exact: true }).fill('Wholesale');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit Wholesale', exact: true }).waitFor();
    // A conversation moves into it.
    const id = await fresh('Eleven platters');
    await page
      .getByRole('region', { name: /Nora Quist/ })
      .getByRole('button', { name: 'More' })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Wholesale' }).click();
    await page.getByText('moved to Wholesale').waitFor();
    await until('there', async () => ((await headOf(id)) as Head & { inbox: string }).inbox !== inbox);
  });
  it('routing: a rule is made, tried before it is kept, kept, and decides', async () => {
    await page.goto(`${parley.ready.inbox}settings/routing/${inbox}`);
    await page.getByRole('button', { name: 'New rule' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill('Glaze questions');
    await form.getByRole('textbox', { name: 'Values' }).fill('celadon, oribe');
    await form.getByRole('checkbox', { name: 'Mara Winter' }).check();
    await form.getByRole('button', { name: 'Take over' }).click();
    for (let n = await page.getByRole('list').filter({ hasText: 'Glaze questions' }).getByRole('listitem').count(); n > 1; n--)
      await page.getByRole('button', { name: 'Move Glaze questions up' }).click();
    await page.getByRole('textbox', { name: 'Subject' }).fill('Which Oribe is that?');
    await page.getByRole('button', { name: 'Who would get it?' }).click();
    await page.getByText('Mara Winter would get it').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Routing saved').waitFor();
    await parley.settled();
    const id = await fresh('About your celadon');
    await until('the owner', async () => (await headOf(id)).assignee?.name === 'Mara Winter');
    await page.getByText('Why?').click();
    await page.getByText('Rule “Glaze questions”').waitFor();
  });
  it('a tag gets another name', async () => {
    await page.goto(`${parley.ready.inbox}settings/tags`);
    await page.getByRole('listitem').filter({ hasText: 'Glaze club' }).getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Glaze circle');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Glaze circle' }).waitFor();
  });
  it('the log says who did all that, and what it was before', async () => {
    await page.getByRole('link', { name: 'Settings log' }).click();
    const first = page.getByRole('listitem').filter({ hasText: 'Glaze circle' }).first();
    await first.getByText('Ada Admin').waitFor();
    await first.locator('del', { hasText: 'Glaze club' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Ines Ibarra' }).filter({ hasText: 'invited' }).waitFor();
  });
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
