import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn } from './browser';
import * as odd from './odd';
import { Parley } from './parley';
import { change, inboxId, seed, threadOf } from './seed';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let parley: Parley;
let browser: Browser;

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

interface Found {
  violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[];
}

/** What axe finds, WCAG 2.0 to 2.2 A and AA, one line each. */
async function check(page: Page): Promise<string[]> {
  await page.waitForTimeout(400);
  await page.addScriptTag({ content: axe });
  const found = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run(o: object): Promise<Found> } }).axe.run;
    return run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
  });
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id} ${JSON.stringify(n.target)} ${n.failureSummary}`));
}

describe.each(['light', 'dark'] as const)('axe, %s', (colorScheme) => {
  let page: Page;
  let base: string;
  beforeAll(async () => {
    // axe is put into the page as an inline script; csp is held by the other specs.
    ({ page } = await open(browser, { colorScheme, bypassCSP: true }));
    page.setDefaultTimeout(20_000);
    await page.goto(parley.ready.inbox);
  });

  it('sign-in', async () => {
    await page.getByRole('button', { name: 'Continue to sign in' }).waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('empty inbox', async () => {
    await signIn(page, parley);
    base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
    await page.goto(`${base}/${colorScheme === 'light' ? 'open' : 'mine'}`);
    await page.getByRole('region', { name: 'Conversations' }).waitFor();
    const found = await check(page);
    if (colorScheme === 'light') await seed(parley);
    expect(found).toEqual([]);
  });
  it('list', async () => {
    await page.goto(`${base}/open`);
    await page.getByRole('option').first().waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('thread with mails, note, events and receipt', async () => {
    await page.goto(`${base}/open/${await threadOf(parley, 'Charged twice after upgrade')}`);
    await page.getByText('Can I get a corrected invoice too?').last().waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('tickets beside it', async () => {
    const side = page.getByRole('region', { name: /Tickets/ });
    await side.getByRole('button', { name: 'New ticket' }).click();
    expect(await check(page)).toEqual([]);
    await side.getByRole('button', { name: 'Make ticket' }).click();
    await side.getByRole('combobox').first().waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('note being written', async () => {
    await page.keyboard.press('n');
    await page.keyboard.type('For the team');
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Escape');
  });
  it('assign menu', async () => {
    await page.keyboard.press('a');
    await page.getByRole('menu').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('help', async () => {
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('account menu', async () => {
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /account and settings/ })
      .first()
      .click();
    await page.getByRole('menu').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('snooze, more, tags, several selected, an empty view', async () => {
    await page.goto(`${base}/open/${await threadOf(parley, 'Charged twice after upgrade')}`);
    await page.getByRole('log').waitFor();
    await page.keyboard.press('s');
    await page.getByRole('menu').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More' }).first().click();
    await page.getByRole('menu').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.getByLabel('Find or add a tag').fill('Billing');
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.goto(`${base}/open`);
    await page.getByRole('option').first().waitFor();
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.getByText('2 selected', { exact: true }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${base}/trash`);
    await page.getByText('The trash is empty').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('HTML mail', async () => {
    await page.goto(`${base}/open/${await threadOf(parley, 'Label is yellow')}`);
    await page.frameLocator('iframe').getByText('Hello team').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('why a mail is here', async () => {
    await page.getByRole('button', { name: 'More about this mail' }).click();
    await page.getByRole('menuitem', { name: 'Why is this mail here?' }).click();
    await page.getByRole('dialog').getByText('Rules, inputs and ids').click();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('an invitation, a mail in a mail, a sealed mail', async () => {
    if (colorScheme === 'light') for (const m of [odd.invitation(), odd.withMail(), odd.encrypted()]) await parley.deliver(m);
    for (const subject of ['Invitation: Kick-off for the new shop', 'The supplier wrote this', 'Confidential']) {
      await page.goto(`${base}/open/${await threadOf(parley, subject)}`);
      await page.getByRole('article').waitFor();
      expect(await check(page)).toEqual([]);
    }
  });
  it('spam: list, banner, menu', async () => {
    const id = await threadOf(parley, colorScheme === 'light' ? 'API limits' : 'Export takes an hour');
    await parley.api(`/threads/${id}/folder`, change('PUT', { folder: 'spam', blockSender: true }));
    await page.goto(`${base}/spam/${id}`);
    await page.getByRole('button', { name: 'Not spam' }).waitFor();
    await page.getByRole('option').first().waitFor();
    await page.getByRole('button', { name: 'More about this conversation' }).click();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('quarantine, empty and not, and a page that does not exist', async () => {
    await page.goto(`${parley.ready.inbox}quarantine?show=resolved`);
    await page.getByText('Nothing resolved yet').waitFor();
    expect(await check(page)).toEqual([]);
    if (colorScheme === 'light')
      await parley.deliver(odd.judged('spam=PASS', 'To nobody'), 'win@lottery.example', `nobody@${parley.ready.address.split('@')[1]}`);
    await page.goto(`${parley.ready.inbox}quarantine`);
    await page.getByRole('cell', { name: /^To nobody/ }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}nowhere`);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('settings: filters and ledger', async () => {
    await page.goto(`${parley.ready.inbox}settings/filters`);
    await page.getByRole('list', { name: 'Deny list' }).waitFor();
    await page.getByRole('textbox', { name: 'Address or domain' }).first().fill('neither');
    await page.keyboard.press('Enter');
    await page.getByText('This is neither an address nor a domain.').waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('link', { name: 'Mail ledger' }).click();
    await page.getByRole('table').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/nowhere`);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('writing: an answer with form, passing on, a suggestion, drafts, a first mail', async () => {
    const id = await threadOf(parley, 'Charged twice after upgrade');
    for (const mode of ['reply', 'forward']) await parley.api(`/threads/${id}/drafts/${mode}`, { method: 'DELETE' }); // of the other colours
    await page.goto(`${base}/open/${id}`);
    await page.getByRole('textbox', { name: /^Reply to/ }).waitFor();
    await page.keyboard.press('r');
    await page.keyboard.press('Control+B');
    await page.keyboard.type('Loud');
    await page.getByRole('button', { name: 'Add Cc' }).click();
    await page.keyboard.type('nonsense,');
    await page.getByText('Not an address: nonsense').waitFor();
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Note', exact: true }).click();
    await page.keyboard.type('@ad');
    await page.getByRole('option', { name: /admin@parley/ }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Internal note' }).fill('');
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await page.getByText(/^Goes along/).waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}drafts`);
    await page.getByText('Loud').first().waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}write/a11ya11y00${colorScheme}`);
    await page.getByRole('textbox', { name: 'Subject' }).waitFor();
    await page.getByRole('button', { name: /^Send/ }).click();
    await page.getByText('Say whom it goes to.').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('settings: channels, one of them, connecting', async () => {
    await page.goto(`${parley.ready.inbox}settings/channels`);
    await page.getByRole('heading', { name: 'Fallback address' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('link', { name: parley.ready.address }).first().click();
    await page.getByRole('heading', { name: 'What is checked' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/channels/connect`);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('That is no email address.').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('contacts, one of them, a new one', async () => {
    await page.goto(`${parley.ready.inbox}contacts`);
    await page.getByRole('table').waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('button', { name: 'New contact' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Lena Novak' }).click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await page.getByRole('button', { name: /^Name: / }).click();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  it('a list of contacts, companies, one of them, properties', async () => {
    await page.goto(`${parley.ready.inbox}contacts`);
    await page.getByRole('button', { name: 'New list' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}companies`);
    await page.getByRole('table').getByRole('link').first().waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByRole('heading', { name: 'People' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/properties`);
    await page.getByRole('button', { name: 'New property' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('settings: a bot on the canvas, its step, check, drive and versions, and in the list', async () => {
    const { chats } = await parley.api<{ chats: { account: { id: string }; flows: { id: string; bot?: boolean }[] }[] }>('/chats');
    const chat = chats[0];
    let bot = chat?.flows.find((f) => f.bot)?.id;
    if (!bot) {
      const body = { id: '', account: chat?.account.id, name: 'Helper', on: false, bot: true, version: 0, targeting: {}, welcome: '' };
      bot = (
        await parley.api<{ id: string }>(
          `/chats/${chat?.account.id}/flows`,
          change('POST', { ...body, askEmail: 'never', away: { mode: 'message' }, available: 'always' }),
        )
      ).id;
      const { templates } = await parley.api<{ templates: { id: string; graph: { steps: object[] } }[] }>('/bots/templates');
      const graph = templates.find((t) => t.id === 'meeting')?.graph;
      graph?.steps.push({ id: 'lost', kind: 'code', code: { source: '' } }, { id: 'hook', kind: 'webhook', webhook: { url: '', map: { a: 'b' } } });
      await parley.api(`/chats/${chat?.account.id}/flows/${bot}/bot/draft`, change('PUT', { graph, revision: 0 }));
    }
    await page.goto(`${parley.ready.inbox}settings/chat/${chat?.account.id}`);
    await page.getByRole('button', { name: 'New bot' }).click();
    await page.getByRole('dialog').getByText('Qualify a lead').waitFor();
    const found = await check(page);
    await page.goto(`${parley.ready.inbox}settings/chat/${chat?.account.id}/${bot}`);
    for (const id of ['want', 'link', 'person', 'lost', 'hook']) {
      await page.locator(`.react-flow__node[data-id="${id}"]`).dispatchEvent('click');
      await page.getByRole('complementary', { name: 'Step' }).waitFor();
      found.push(...(await check(page)));
    }
    for (const name of [/^Check/, 'Versions', 'Settings', 'Test drive']) {
      await page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name }).click();
      found.push(...(await check(page)));
    }
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('log').getByRole('button', { name: 'I have a question' }).waitFor();
    found.push(...(await check(page)));
    await page.getByRole('button', { name: 'List', exact: true }).click();
    found.push(...(await check(page)));
    await page.getByRole('button', { name: 'Canvas', exact: true }).click();
    expect(found).toEqual([]);
  });
  it('settings: members, teams, tags, the log', async () => {
    await page.goto(`${parley.ready.inbox}settings/members`);
    await page.getByRole('table').waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('button', { name: 'Invite a member' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/roles`);
    await page.getByRole('table').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/teams`);
    await page.getByRole('button', { name: 'New team' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/snippets`);
    await page.getByRole('button', { name: 'New snippet' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/articles`);
    await page.getByRole('button', { name: 'New article' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    const saved = { title: `Delivery, ${colorScheme}`, text: 'It takes three days.', language: 'en', published: true };
    await parley.api('/articles', change('POST', saved));
    await page.goto(`${parley.ready.inbox}settings/articles`);
    await page.getByRole('textbox', { name: 'Question' }).fill('delivery');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page
      .getByText(/% fits/)
      .first()
      .waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/hours`);
    await page.getByRole('button', { name: 'New business hours' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/inboxes`);
    await page.getByRole('button', { name: 'New inbox' }).click();
    await page.getByRole('dialog').getByRole('radio').last().check();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/imports`);
    await page.getByLabel(/Import a CSV file/).setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('Name,Email\nKim,none\n') });
    await page.getByText('1 rows, 1 of them cannot be taken').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/routing`);
    await page.getByRole('heading', { name: 'Everything else' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/start`);
    await page.getByText('Try it now').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/tags`);
    await page.getByRole('heading', { level: 1, name: 'Tags' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/changes`);
    await page.getByRole('heading', { level: 1, name: 'Settings log' }).waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('notices, and what is wanted of them', async () => {
    await page.goto(`${parley.ready.inbox}notices`);
    await page.getByRole('heading', { name: 'Notifications' }).waitFor();
    await page.waitForTimeout(300);
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}settings/notifications`);
    await page.getByRole('table').waitFor();
    expect(await check(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await check(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
  });
  it('on a phone: settings, their sections, quarantine', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${parley.ready.inbox}settings/filters`);
    await page.getByRole('list', { name: 'Deny list' }).waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('link', { name: 'Mail ledger' }).click();
    await page.getByRole('table').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}quarantine`);
    await page.getByRole('cell', { name: /^To nobody/ }).waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('on a phone: list, views, thread', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${base}/open`);
    await page.getByRole('option').first().waitFor();
    expect(await check(page)).toEqual([]);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('option').first().click();
    await page.getByRole('log').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('in German, nothing is left in English', async () => {
    await page.evaluate(() => localStorage.setItem('parley.locale', 'de'));
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${base}/open/${await threadOf(parley, 'Charged twice after upgrade')}`);
    await page.getByRole('heading', { name: 'Alle offenen' }).waitFor();
    await page.getByRole('button', { name: 'Senden' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    const english = /\b(Assigned|Unassigned|Waiting|Close|Reply|Note|internal note|Filtered|Deny|Allow|Domain or|mail system|Accepted|Try again)\b/;
    expect(await page.locator('body').innerText()).not.toMatch(english);
    for (const path of [
      'settings/filters',
      'settings/ledger',
      'settings/channels',
      'settings/channels/connect',
      'settings/profile',
      'settings/notifications',
      'notices',
      'contacts',
      'settings/members',
      'settings/roles',
      'settings/teams',
      'settings/tags',
      'settings/snippets',
      'settings/articles',
      'settings/start',
      'settings/imports',
      'settings/routing',
      'settings/hours',
      'settings/inboxes',
      'settings/changes',
      'drafts',
      'write/a11ya11y00de',
      'quarantine',
    ]) {
      await page.goto(parley.ready.inbox + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(300);
      expect(await page.locator('main').innerText()).not.toMatch(english);
    }
    await page.goto(`${base}/open/${await threadOf(parley, 'Charged twice after upgrade')}`);
    await page.getByRole('log').waitFor();
    expect(await check(page)).toEqual([]);
  });
});
