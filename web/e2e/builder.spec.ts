/** Somebody builds a bot: from a template, on the canvas and in the list, checks, drives, publishes and rolls it back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change } from './seed';

interface Step {
  id: string;
  kind: string;
  next?: string;
  question?: { text: string };
  message?: { bubbles: { text?: string }[] };
}
interface BotBody {
  draft: { revision: number; graph: { start: string; steps: Step[] } };
  published: number;
  versions: { number: number }[];
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let account: string;

const bot = () => parley.api<BotBody>(`/chats/${account}/flows/${flow()}/bot`);
const flow = () => page.url().split('/').at(-1) ?? '';
const node = (name: string) => page.getByRole('group', { name, exact: true });
const panel = (name: string) => page.getByRole('complementary', { name });
const tools = (name: string | RegExp) => page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name });
const saved = () => page.getByText('Draft saved').waitFor();
const stepOf = async (id: string) => (await bot()).draft.graph.steps.find((s) => s.id === id);
const shown = async (as: 'Canvas' | 'List') => page.getByRole('button', { name: as, exact: true }).click();

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  const { chats } = await parley.api<{ chats: { account: { id: string } }[] }>('/chats');
  account = chats[0]?.account.id ?? '';
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

it('a template becomes a bot, whose texts are saved as they are typed and published', async () => {
  await page.goto(`${parley.ready.inbox}settings/chat/${account}`);
  await page.getByRole('button', { name: 'New bot' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Guide');
  await page.getByText('Qualify a lead').click();
  await page.getByRole('button', { name: 'Create bot' }).click();
  await page.getByRole('heading', { name: 'Guide', level: 1 }).waitFor();
  await page.getByText('Not published yet').waitFor();
  await until('six steps', async () => (await page.locator('.react-flow__node').count()) === 6);
  await until('their ways', async () => (await page.locator('.react-flow__edge').count()) === 8); // two replies go where any other answer does
  await page.locator('.react-flow__node[data-id="name"]').click();
  await panel('Step').getByRole('textbox', { name: 'Question', exact: true }).fill('And you are?');
  await until('the graph', async () => (await stepOf('name'))?.question?.text === 'And you are?');
  await saved();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Version 1 is live').first().waitFor();
  expect((await bot()).published).toBe(1);
});

it('the canvas goes by keyboard, and what is done there can be undone', async () => {
  await page.locator('.react-flow__node[data-id="hello"]').click();
  await page.locator('.react-flow__node[data-id="hello"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('.react-flow__node[data-id="name"]:focus').waitFor();
  await page.keyboard.press('Enter');
  await panel('Step').getByRole('textbox', { name: 'Question', exact: true }).and(page.locator(':focus')).waitFor();
  await page.locator('.react-flow__node[data-id="name"]').focus();
  await page.keyboard.press('Delete');
  await until('the graph', async () => (await page.locator('.react-flow__node').count()) === 5);
  await until('the graph', async () => (await stepOf('hello'))?.next === 'email');
  await page.keyboard.press('Control+z');
  await until('the graph', async () => (await page.locator('.react-flow__node').count()) === 6);
  await until('the graph', async () => (await stepOf('hello'))?.next === 'name');
});

it('the list edits the same graph: a step comes between two, and moves', async () => {
  await shown('List');
  await page.getByRole('button', { name: 'Insert a step at “Then” of Message' }).click();
  await page.getByRole('menuitem', { name: 'Set value' }).click();
  await until('the graph', async () => (await stepOf('hello'))?.next === 'set1');
  expect((await stepOf('set1'))?.next).toBe('name');
  await panel('Step').getByRole('combobox', { name: 'What is set' }).selectOption('thread');
  const item = page.getByRole('button', { name: /^2\. *Set value/ });
  await item.focus();
  await page.keyboard.press('ArrowDown');
  await page
    .getByRole('button', { name: /^3\. *Question/ })
    .and(page.locator(':focus'))
    .waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Alt+ArrowDown');
  await page
    .getByRole('button', { name: /^3\. *Set value/ })
    .and(page.locator(':focus'))
    .waitFor();
  await shown('Canvas');
  await node('Set value').first().waitFor();
  await until('seven steps', async () => (await page.locator('.react-flow__node').count()) === 7);
});

it('a finding leads to its step, and blocks until it is mended', async () => {
  await shown('List');
  await page.locator('[data-step="person"] [data-open]').focus();
  await page.keyboard.press('Delete');
  await tools(/^Check/).click();
  const finding = panel('Check')
    .getByRole('button', { name: /This way leads nowhere/ })
    .first();
  await finding.waitFor();
  expect(await page.getByRole('button', { name: 'Publish', exact: true }).getAttribute('aria-disabled')).toBe('true');
  await finding.click();
  await panel('Step').getByText('This way leads nowhere.').first().waitFor();
  await tools('Undo').click();
  await tools(/^Check/).click();
  await panel('Check').getByText('Nothing to find fault with').waitFor();
});

it('a test drive answers as the engine does, and lights the step', async () => {
  await shown('Canvas');
  await tools('Test drive').click();
  const drive = panel('Test drive');
  await drive.getByRole('button', { name: 'Start', exact: true }).click();
  await drive.getByText('And you are?').waitFor();
  await page.locator('.react-flow__node[data-id="name"] [data-lit]').waitFor();
  await drive.getByRole('textbox', { name: 'Answer as a visitor' }).fill('Lena');
  await page.keyboard.press('Enter');
  await drive.getByText('Would set name to Lena').waitFor();
  await drive.getByText('Thank you, Lena.').waitFor();
  await drive.getByRole('textbox', { name: 'Answer as a visitor' }).fill('lena@atelier.example');
  await page.keyboard.press('Enter');
  await drive.getByRole('button', { name: 'More than 100' }).click();
  await drive.getByText('Would set the priority to high').first().waitFor();
  await drive.getByText('People have the conversation now.').waitFor();
  const { contacts } = await parley.api<{ contacts: { name?: string }[] }>('/contacts');
  expect(contacts.filter((c) => c.name === 'Lena')).toEqual([]);
});

it('what somebody else saved meanwhile is said, and theirs can be loaded', async () => {
  const { draft } = await bot();
  const theirs = {
    ...draft.graph,
    steps: draft.graph.steps.map((s) => (s.id === 'name' ? { ...s, question: { ...s.question, text: 'Theirs' } } : s)),
  };
  await parley.api(`/chats/${account}/flows/${flow()}/bot/draft`, change('PUT', { graph: theirs, revision: draft.revision }));
  await page.locator('.react-flow__node[data-id="email"]').click();
  await panel('Step').getByRole('textbox', { name: 'Question', exact: true }).fill('Mine');
  await page.getByText('Somebody else has changed this bot meanwhile.').waitFor();
  await page.getByRole('button', { name: 'Load theirs' }).click();
  await page.getByText('Theirs', { exact: true }).first().waitFor();
  await until('mine to be gone', async () => (await page.getByText('Mine', { exact: true }).count()) === 0);
  expect((await stepOf('email'))?.question?.text).not.toBe('Mine');
});

/** Version 1 on the canvas, in the list and in the form, where nothing can be changed; and the draft as it was. */
async function looksAtTheFirst(): Promise<void> {
  const words = (text: string) => page.locator('.react-flow__node[data-id="name"]').getByText(text, { exact: true });
  const before = await bot();
  await words('Theirs').waitFor();
  await panel('Versions').getByRole('button', { name: 'Look at version 1' }).click();
  await page.getByText('This is version 1 as it was published').waitFor();
  await words('And you are?').waitFor();
  expect(await page.locator('.react-flow__node').count()).toBe(6);
  expect(await page.getByRole('button', { name: 'Publish', exact: true }).count()).toBe(0);
  expect(await tools('Undo').count()).toBe(0);
  await page.locator('.react-flow__node[data-id="name"]').click();
  expect(await panel('Step').getByRole('textbox', { name: 'Question', exact: true }).isDisabled()).toBe(true);
  await page.locator('.react-flow__node[data-id="name"]').focus();
  await page.keyboard.press('Delete');
  await shown('List');
  await page.getByRole('button', { name: /^2\. *Question *And you are\?/ }).waitFor();
  expect(await page.getByRole('button', { name: /^Insert a step/ }).count()).toBe(0);
  await shown('Canvas');
  await page.getByRole('button', { name: 'Back to the draft' }).click();
  await words('Theirs').waitFor();
  await page.getByRole('button', { name: 'Publish', exact: true }).waitFor();
  expect((await bot()).draft).toEqual(before.draft);
  await tools('Versions').click();
}

it('an older version is published again', async () => {
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText('Version 2 is live').first().waitFor();
  await tools('Versions').click();
  await looksAtTheFirst();
  await panel('Versions').getByRole('button', { name: 'Roll back to version 1' }).click();
  await panel('Versions').getByRole('button', { name: 'Roll back to version 1' }).click();
  await page.getByText('Version 3 is live', { exact: true }).waitFor();
  expect((await stepOf('name'))?.question?.text).toBe('And you are?');
  expect((await bot()).versions.map((v) => v.number)).toEqual([3, 2, 1]);
  await page.getByText('And you are?').first().waitFor();
});

it('on a phone the list is the builder', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await page.getByRole('button', { name: /^1\. *Message/ }).click();
  await panel('Step').getByRole('textbox', { name: 'Text' }).fill('Good day!');
  await panel('Step').getByRole('textbox', { name: 'Text' }).blur();
  await page.getByRole('button', { name: 'Close the panel' }).click();
  await page.getByRole('button', { name: /^1\. *Message *Good day!/ }).waitFor();
  await until('the graph', async () => (await stepOf('hello'))?.message?.bubbles[0]?.text === 'Good day!');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(tab.trouble).toEqual([]);
});
