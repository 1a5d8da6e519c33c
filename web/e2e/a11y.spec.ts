import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn } from './browser';
import { Parley } from './parley';
import { inboxId, seed, threadOf } from './seed';

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
    page.setDefaultTimeout(8_000);
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
  it('HTML mail', async () => {
    await page.goto(`${base}/open/${await threadOf(parley, 'Label is yellow')}`);
    await page.frameLocator('iframe').getByText('Hello team').waitFor();
    expect(await check(page)).toEqual([]);
  });
  it('quarantine and a page that does not exist', async () => {
    await page.goto(`${parley.ready.inbox}quarantine`);
    await page.getByText('Nothing in quarantine').waitFor();
    expect(await check(page)).toEqual([]);
    await page.goto(`${parley.ready.inbox}nowhere`);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
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
    expect(await page.locator('body').innerText()).not.toMatch(/\b(Assigned|Unassigned|Waiting|Close|Reply|Note|internal note)\b/);
    expect(await check(page)).toEqual([]);
  });
});
