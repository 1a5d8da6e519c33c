/** An agent's day on a telephone, 390 px wide: nothing is wider than the screen, and whatever can be pressed can be reached by a thumb. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, seed, threadOf } from './seed';

const width = 390;

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let inbox: string;
let id: string;

interface Head {
  status: string;
  assignee?: { name: string };
  tags?: { name: string }[];
  snooze?: object;
}
const head = async () => (await parley.api<{ thread: Head }>(`/threads/${id}`)).thread;

/** What is wider than the screen, and what can be pressed but not reached: out of sight, or under something else. */
async function amiss(): Promise<string[]> {
  await page.waitForTimeout(300);
  // Not window.innerWidth: a telephone zooms out until what is too wide fits.
  return page.evaluate((wide) => {
    const found: string[] = [];
    const name = (e: Element) =>
      `${e.tagName.toLowerCase()} “${(e.getAttribute('aria-label') || e.textContent || '').replace(/\s+/g, ' ').trim().slice(0, 40)}”`;
    if (document.documentElement.scrollWidth > wide || window.innerWidth > wide)
      found.push(`the page is ${document.documentElement.scrollWidth} px wide, the screen ${wide}`);
    const dialog = [...document.querySelectorAll('[role=dialog], [role=menu]')].filter((d) => d.checkVisibility() && d.clientHeight > 0).at(-1);
    const top = dialog ?? document.body;
    for (const e of top.querySelectorAll('*')) {
      if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const style = getComputedStyle(e);
      const scrolls = /auto|scroll/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1;
      if (scrolls && !/^(CODE|PRE|TEXTAREA|INPUT|SELECT)$/.test(e.tagName)) found.push(`${name(e)} scrolls sideways`);
    }
    for (const e of top.querySelectorAll<HTMLElement>(
      'button, a[href], input, select, textarea, [role=menuitem], [role=option], [contenteditable=true]',
    )) {
      if (!e.checkVisibility({ visibilityProperty: true }) || e.matches(':disabled, [type=file]')) continue;
      let box = e.getBoundingClientRect();
      if (box.width < 2 || box.height < 2 || e.closest('[aria-hidden=true]')) continue; // for who cannot see it
      e.scrollIntoView({ block: 'center', behavior: 'instant' });
      box = e.getBoundingClientRect();
      if (box.bottom < 0) continue; // a way for the keyboard, which comes into sight with the focus
      if (box.left < -0.5 || box.right > wide + 0.5) found.push(`${name(e)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)}`);
      const line = e.getClientRects()[0] ?? box; // a link in a text may go over two lines
      const at = document.elementFromPoint(line.left + line.width / 2, line.top + Math.min(line.height, window.innerHeight - line.top) / 2);
      if (at && (e === at || e.contains(at) || at.contains(e) || at.closest('label')?.contains(e) || at.shadowRoot)) continue;
      found.push(`${name(e)} lies under ${at ? name(at) : 'nothing'}`);
    }
    return [...new Set(found)];
  }, width);
}

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  await seed(parley);
  await parley.api('/tags', change('POST', { name: 'Refund' }));
  await parley.api(
    '/users',
    change('POST', { email: 'wilhelmina@parley.localhost', name: 'Wilhelmina Featherstonehaugh-Cholmondeley', role: 'agent' }),
  );
  inbox = await inboxId(parley);
  id = await threadOf(parley, 'Invoice for March');
  tab = await open(browser, { viewport: { width, height: 844 }, hasTouch: true, isMobile: true });
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

const openThread = async () => {
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/open`);
  await page.locator(`#row-${id}`).tap();
  await page.getByRole('log').waitFor();
};

it('what is amiss would be seen', async () => {
  await page.locator(`#row-${id}`).waitFor();
  await page.evaluate(() => {
    const make = (tag: string, css: string, ...inside: (Node | string)[]) => {
      const e = document.createElement(tag);
      e.style.cssText = css;
      e.append(...inside);
      return e;
    };
    const corner = 'position:fixed;top:0;left:0;width:80px;height:80px';
    const bad = make(
      'div',
      '',
      make('div', 'position:absolute;top:0;left:0;width:600px', make('button', 'margin-left:380px', 'Far')),
      make('div', 'overflow-x:auto;width:100px', make('p', 'width:200px', 'Long')),
      make('div', corner, make('button', '', 'Below')),
      make('p', corner, 'Above'),
    );
    bad.id = 'bad';
    document.body.append(bad);
  });
  const seen = (await amiss()).join();
  await page.evaluate(() => document.getElementById('bad')?.remove());
  expect(seen).toMatch(/the page is 600 px wide, the screen 390/);
  expect(seen).toMatch(/button “Far” reaches/);
  expect(seen).toMatch(/“Long” scrolls sideways/);
  expect(seen).toMatch(/button “Below” lies under/);
});

it('the list, its views, and the way to write', async () => {
  expect(await amiss()).toEqual([]);
  await page.getByRole('button', { name: 'Views' }).tap();
  await page.getByRole('dialog').getByRole('link', { name: 'Unassigned' }).waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('dialog').getByRole('link', { name: 'Unassigned' }).tap();
  await page.getByRole('heading', { level: 1, name: 'Unassigned' }).waitFor();
  await page.getByRole('button', { name: 'New mail' }).tap();
  await page.getByRole('textbox', { name: 'Subject' }).waitFor();
  expect(await amiss()).toEqual([]);
});

it('a conversation is read, and answered', async () => {
  await openThread();
  expect(await amiss()).toEqual([]);
  await page.getByRole('textbox', { name: /^Reply to/ }).tap();
  await page.keyboard.type('It is on its way.');
  expect(await amiss()).toEqual([]);
  await page.getByRole('button', { name: /^Send/ }).tap();
  await page.getByRole('button', { name: /Send now/ }).waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('button', { name: /Send now/ }).tap();
  await until('the mail', async () => (await parley.sentMail()).some((m) => m.subject.includes('Invoice for March')));
});

it('a note is written', async () => {
  await page.getByRole('button', { name: 'Note', exact: true }).tap();
  await page.getByRole('textbox', { name: 'Internal note' }).tap();
  await page.keyboard.type('The PDF was empty.');
  expect(await amiss()).toEqual([]);
  await page.getByRole('button', { name: /^Add note/ }).tap();
  await page
    .getByRole('article', { name: /^Internal note of/ })
    .getByText('The PDF was empty.')
    .waitFor();
});

it('it is assigned', async () => {
  await page
    .getByRole('button', { name: /assign/i })
    .first()
    .tap();
  await page.getByRole('menu').waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('menuitem', { name: 'Wilhelmina' }).tap();
  await until('the owner', async () => (await head()).assignee?.name.startsWith('Wilhelmina'));
});

it('it is tagged', async () => {
  await page.getByRole('button', { name: 'More about this conversation' }).tap();
  await page.getByRole('menu').waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('menuitem', { name: 'Tags…' }).tap();
  await page.getByRole('dialog').getByRole('checkbox', { name: 'Refund' }).check();
  expect(await amiss()).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).tap();
  await until('the tag', async () => (await head()).tags?.some((g) => g.name === 'Refund'));
});

it('what is known of the contact stands in a panel', async () => {
  await page.getByRole('button', { name: 'Details' }).tap();
  await page.getByRole('dialog').getByRole('link', { name: 'Open contact' }).waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

it('it is snoozed, and comes back', async () => {
  await page.getByRole('button', { name: /^Snooze/ }).tap();
  await page.getByRole('menu').waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('menuitem', { name: /Tomorrow/ }).tap();
  await until('asleep', async () => !!(await head()).snooze);
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/snoozed/${id}`);
  await page.getByRole('button', { name: 'End the snooze' }).waitFor();
  expect(await amiss()).toEqual([]);
  await page.getByRole('button', { name: 'End the snooze' }).tap();
  await until('awake', async () => !(await head()).snooze);
});

it('it is closed', async () => {
  await openThread();
  await page.getByRole('button', { name: 'Close', exact: true }).tap();
  await until('closed', async () => (await head()).status === 'closed');
  await page.getByRole('button', { name: 'Reopen' }).waitFor();
  // The word about it lies over the log alone, in whatever width there is: not over what one writes with.
  const word = page.getByRole('status').filter({ hasText: 'Closed: Aiko Watanabe' });
  const writes = page.getByRole('form', { name: 'Reply' });
  await word.waitFor();
  expect((await amiss()).filter((x) => !/^button “Quoted text” lies under div “Closed:/.test(x))).toEqual([]);
  for (const w of [390, 800, 1100, 1440]) {
    await page.setViewportSize({ width: w, height: 844 });
    await page.waitForTimeout(100);
    const [a, b] = [await word.boundingBox(), await writes.boundingBox()];
    expect(a && b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height, `${w} px`).toBe(false);
    const free = await writes.getByRole('button', { name: /^Send/ }).evaluate((e) => {
      const at = e.getBoundingClientRect();
      return document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2)?.closest('form') === e.closest('form');
    });
    expect(free, `Send at ${w} px`).toBe(true);
  }
  await page.setViewportSize({ width, height: 844 });
});

it('several are picked at once', async () => {
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/open`);
  await page.getByTestId('pick').first().tap();
  await page.getByText('1 selected', { exact: true }).waitFor();
  expect(await amiss()).toEqual([]);
});

it('a mail with form, contacts, one of them, drafts, notices, quarantine', async () => {
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${await threadOf(parley, 'Label is yellow')}`);
  await page.frameLocator('iframe').getByText('Hello team').waitFor();
  expect(await amiss()).toEqual([]);
  for (const path of ['contacts', 'drafts', 'notices', 'quarantine']) {
    await page.goto(parley.ready.inbox + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await amiss(), path).toEqual([]);
  }
  await page.goto(`${parley.ready.inbox}contacts`);
  await page.getByRole('link', { name: 'Lena Novak' }).tap();
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  expect(await amiss()).toEqual([]);
});

it('every section of the settings', async () => {
  await page.goto(`${parley.ready.inbox}settings`);
  const menu = page.getByRole('button', { name: 'Open navigation' });
  await menu.tap();
  const links = page.getByRole('dialog').getByRole('link');
  await links.first().waitFor();
  expect(await amiss()).toEqual([]);
  const paths = await links.evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
  expect(paths.length).toBeGreaterThan(10);
  const wrong: string[] = [];
  for (const path of paths) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    wrong.push(...(await amiss()).map((x) => `${path}: ${x}`));
  }
  expect(wrong).toEqual([]);
});

it('the forms of the settings', async () => {
  const wrong: string[] = [];
  for (const [path, button] of [
    ['members', 'Invite a member'],
    ['teams', 'New team'],
    ['inboxes', 'New inbox'],
    ['routing', 'New rule'],
    ['hours', 'New business hours'],
    ['snippets', 'New snippet'],
    ['tags', 'New tag'],
  ] as const) {
    await page.goto(`${parley.ready.inbox}settings/${path}`);
    await page.getByRole('button', { name: button }).tap();
    await page.getByRole('dialog').waitFor();
    wrong.push(...(await amiss()).map((x) => `${path}: ${x}`));
  }
  expect(wrong).toEqual([]);
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
