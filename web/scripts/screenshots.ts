/** Pictures of every page in its states, to lay beside the design: web/screenshots/<theme>-<page>-<width>.png. */
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { launch, open, signIn } from '../e2e/browser';
import { Parley } from '../e2e/parley';
import { inboxId, seed, threadOf } from '../e2e/seed';

const sizes = [
  [1440, 900],
  [1100, 760],
  [390, 844],
] as const;

export default async function main(): Promise<void> {
  mkdirSync('screenshots', { recursive: true });
  const parley = await Parley.start();
  const browser = await launch();
  try {
    for (const theme of ['light', 'dark'] as const) {
      const { page } = await open(browser, { colorScheme: theme });
      const shot = (name: string) => page.screenshot({ path: `screenshots/${theme}-${name}.png` });
      await page.goto(parley.ready.inbox);
      await page.getByRole('button', { name: 'Continue to sign in' }).waitFor();
      await shot('sign-in-1440');
      await signIn(page, parley);
      if (theme === 'light') {
        await page.waitForTimeout(600);
        await shot('empty-1440');
        await seed(parley);
      }
      await pages(page, parley, shot);
    }
  } finally {
    await browser.close();
    await parley.stop();
  }
}

/** Pages beside the inbox. */
const routes = {
  quarantine: 'quarantine',
  drafts: 'drafts',
  notices: 'notices',
  notifications: 'settings/notifications',
  channels: 'settings/channels',
  chat: 'settings/chat',
  filters: 'settings/filters',
  ledger: 'settings/ledger',
  profile: 'settings/profile',
};

async function pages(page: Page, parley: Parley, shot: (name: string) => Promise<unknown>): Promise<void> {
  const base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
  const lena = await threadOf(parley, 'Charged twice after upgrade');
  const mina = await threadOf(parley, 'Label is yellow');
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    const go = async (name: string, path: string) => {
      await page.goto(path);
      await page.getByRole('main').waitFor();
      await page.waitForTimeout(900);
      await shot(`${name}-${width}`);
    };
    await go('list', `${base}/open`);
    await go('thread', `${base}/open/${lena}`);
    await go('html', `${base}/open/${mina}`);
    for (const [name, path] of Object.entries(routes)) await go(name, parley.ready.inbox + path);
    if (width === 1440) {
      await go('done', `${base}/mine`);
      await page.goto(`${base}/open/${lena}`);
      await page.getByRole('log').waitFor();
      await page.keyboard.press('n');
      await page.keyboard.type('Ask Priya about the proration.');
      await shot('note-1440');
      await page.keyboard.press('Escape');
      await page.keyboard.press('a');
      await page.waitForTimeout(300);
      await shot('assign-1440');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.waitForTimeout(300);
      await shot('help-1440');
    }
  }
}
