/** A file and a picture are brought in the builder, published, and reach the visitor byte for byte; the team sees them too. */
import { readFile } from 'node:fs/promises';
import type { Browser, Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId } from './seed';
import { newBot, quietAccount, step, Visitor } from './talk';

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==', 'base64');
const list = Buffer.from(`<script>alert(1)</script>${'Cups and their prices. '.repeat(400)}`);

interface Kept {
  id: string;
  name: string;
  type: string;
  picture?: boolean;
}
interface Draft {
  draft: { graph: { steps: { message?: { bubbles: { file?: Kept }[] } }[] } };
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let visitor: Visitor;
let account: string;
let flow: string;
let inbox: string;

const bot = () => `/chats/${account}/flows/${flow}/bot`;
const panel = () => page.getByRole('complementary', { name: 'Step' });
const files = async () => (await parley.api<Draft>(bot())).draft.graph.steps.flatMap((s) => s.message?.bubbles.map((b) => b.file) ?? []);

/** Brings a file for the nth message that has none yet. */
async function bring(n: number, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  await panel().locator('input[type=file]').nth(n).setInputFiles({ name, mimeType, buffer });
  await panel().getByRole('link', { name, exact: true }).waitFor();
}

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  inbox = await inboxId(parley);
  account = await quietAccount(parley);
  flow = await newBot(parley, account, 'Giver');
  const graph = {
    start: 'hi',
    steps: [
      step('hi', 'message', { bubbles: [{ text: 'Our cups:' }, { text: '' }] }, 'ask'),
      step('ask', 'question', { text: 'Anything else?', ask: 'text' }, 'end'),
      step('end', 'end', { text: 'Bye.' }),
    ],
  };
  await parley.api(`${bot()}/draft`, change('PUT', { graph, revision: 0 }));
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('a file and a picture are brought in the builder, and published', async () => {
  await page.goto(`${parley.ready.inbox}settings/chat/${account}/${flow}`);
  await page.locator('.react-flow__node[data-id="hi"]').click();
  for (const more of await panel().getByText('File, picture and link').all()) await more.click();
  await bring(0, 'Price list.html', 'text/html', list);
  await bring(0, 'cup.png', 'image/png', png); // the first that is left without a file is the second message
  await page.getByText('Draft saved').waitFor();
  await until('both in the draft', async () => (await files()).filter(Boolean).length === 2);
  expect(await files()).toMatchObject([
    { name: 'Price list.html', type: 'text/html' },
    { name: 'cup.png', type: 'image/png', picture: true },
  ]);
  expect(
    await panel()
      .locator('img')
      .evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth),
  ).toBe(1);
  await page
    .getByRole('toolbar', { name: 'Tools' })
    .getByRole('button', { name: /^Check/ })
    .click();
  await page.getByText('Say in words what the picture shows.').waitFor();
  await page.locator('.react-flow__node[data-id="hi"]').click();
  await panel().getByRole('textbox', { name: 'What the picture shows' }).fill('A blue cup');
  await page.getByText('Draft saved').waitFor();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Version 1 is live').first().waitFor();
});

it('the visitor sees the picture and downloads the file', async () => {
  await parley.settled();
  visitor = await Visitor.arrives(browser, parley, inbox);
  await gives();
  await visitor.answers('Anything else?', 'No');
  await visitor.hears('Bye.');
  await gives(); // as the log has it, too
  expect(visitor.tab.trouble).toEqual([]);
});

/** What a link saves that opens a tab of its own, which is gone as soon as it turns out to be a download. */
async function downloads({ page, context }: Tab, link: Locator): Promise<Download> {
  let saved: Download | undefined;
  const on = (p: Page) => p.on('download', (d) => (saved = d));
  on(page);
  context.on('page', on);
  await link.click();
  return until('the download', async () => saved);
}

/** The chat shows the picture once, and its file is the one that was brought. */
async function gives(): Promise<void> {
  const picture = visitor.log.getByRole('img', { name: 'A blue cup' });
  await picture.scrollIntoViewIfNeeded();
  await until('the picture', () => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth === 1));
  const link = visitor.log.getByRole('link', { name: /^Price list\.html \(9\.2 kB\)$/ });
  const download = await downloads(visitor.tab, link);
  expect(download.suggestedFilename()).toBe('Price list.html');
  expect(await readFile(await download.path())).toEqual(list);
}

it('whatever a file is, it is no page of ours', async () => {
  const [file, picture] = await files();
  const at = (id = '') => fetch(`${parley.ready.api}/visitor/${account}/file/${id}`, { redirect: 'manual' });
  const shown = await at(picture?.id);
  expect([shown.status, shown.headers.get('content-type'), shown.headers.get('x-content-type-options')]).toEqual([200, 'image/png', 'nosniff']);
  expect(Buffer.from(await shown.arrayBuffer())).toEqual(png);
  const sent = await at(file?.id);
  expect(sent.status).toBe(302);
  const body = await fetch(sent.headers.get('location') ?? '');
  expect(body.headers.get('content-disposition')).toMatch(/^attachment/);
  expect((await at('0123456789abcdefghijklmnop')).status).toBe(404);
});

it('the team sees what was given', async () => {
  await page.goto(`${parley.ready.inbox}inbox/${inbox}/open/${(await visitor.thread()).id}`);
  const log = page.getByRole('log');
  const picture = log.getByRole('img', { name: 'A blue cup' });
  await picture.scrollIntoViewIfNeeded();
  await until('the picture', () => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth === 1));
  const download = await downloads(tab, log.getByRole('link', { name: 'Price list.html' }));
  expect(await readFile(await download.path())).toEqual(list);
  expect(tab.trouble).toEqual([]);
});
