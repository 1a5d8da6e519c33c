/** A visitor on a page and an agent in the inbox, each in a browser of their own. Sockets live for seconds here, so that they end all the time. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let parley: Parley;
let browser: Browser;
let agent: Tab;
let visitor: Tab;

const log = () => agent.page.getByRole('log');
const reply = () => agent.page.getByRole('textbox', { name: /^Reply to/ });
const panel = (p: Page = visitor.page) => p.getByRole('dialog', { name: /^Chat with/ });
const said = (p: Page = visitor.page) => panel(p).getByRole('log');
const field = (p: Page = visitor.page) => panel(p).getByRole('textbox', { name: 'Write a message' });

async function say(text: string, p = visitor.page): Promise<void> {
  await field(p).fill(text);
  await field(p).press('Enter');
}
async function answer(text: string): Promise<void> {
  await reply().fill(text);
  await reply().press('Control+Enter');
}
/** The numbers of "Line 3" in the order in which they stand. */
const numbers = (text: string) => [...text.matchAll(/Line (\d+)\./g)].map((m) => Number(m[1]));
/** Both sides show the same lines, each once, in order. */
async function agree(n: number): Promise<void> {
  const want = Array.from({ length: n }, (_, i) => i + 1);
  for (const side of [said(), log()]) {
    await until(`all ${n} lines`, async () => new Set(numbers(await side.innerText())).size === n, 40_000);
    expect(numbers(await side.innerText())).toEqual(want);
  }
}
let count = 0;
const next = () => `Line ${++count}.`;

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start({ PARLEY_SOCKET_LIFE: '7s' }), launch()]);
  [agent, visitor] = await Promise.all([open(browser), open(browser)]);
  for (const t of [agent, visitor]) t.page.setDefaultTimeout(20_000);
  await agent.page.goto(parley.ready.inbox);
  await signIn(agent.page, parley);
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

describe('a conversation', () => {
  it('begins on a page, and the agent sees it come', async () => {
    await visitor.page.goto(parley.ready.demo);
    await visitor.page.getByRole('button', { name: 'Open chat' }).click();
    await field().waitFor();
    await say(next());
    await agent.page.getByRole('option', { name: /Line 1\./ }).click();
    await log().getByText('Line 1.').waitFor();
  });

  it('goes both ways, with who types and what was read', async () => {
    await answer(next());
    await said().getByText('Line 2.').waitFor();
    await field().pressSequentially('I am');
    await agent.page
      .getByText(/is typing/)
      .first()
      .waitFor();
    await field().fill('');
    await reply().pressSequentially('So am I', { delay: 300 });
    await panel()
      .getByText(/is typing/)
      .waitFor();
    await reply().fill('');
    await say(next());
    await log().getByText('Line 3.').waitFor();
    await agree(3);
  });

  it('loses nothing and doubles nothing while sockets end every few seconds', async () => {
    for (let i = 0; i < 12; i++) {
      await (i % 2 ? answer(next()) : say(next()));
      await agent.page.waitForTimeout(1_200);
    }
    await agree(count);
  });

  it('goes on after the visitor was offline for thirty seconds', async () => {
    await visitor.context.setOffline(true);
    await say(next());
    await panel().getByText('Waiting for a connection').or(panel().getByText('No connection. We keep trying.')).first().waitFor();
    await answer(next());
    await agent.page.waitForTimeout(30_000);
    await visitor.context.setOffline(false);
    // What was said in a tunnel stands where it arrived: behind what was said meanwhile.
    const [mine, theirs] = [count - 1, count];
    for (const side of [said(), log()]) {
      await until('both lines', async () => numbers(await side.innerText()).length === count, 40_000);
      expect(numbers(await side.innerText()).slice(-2)).toEqual([theirs, mine]);
    }
    await field().fill('');
  });

  it('goes on after the agent was offline for thirty seconds', async () => {
    const before = numbers(await log().innerText());
    await agent.context.setOffline(true);
    await agent.page.getByText('You are offline.').waitFor();
    await answer(next());
    await say(next());
    await visitor.page.waitForTimeout(30_000);
    await agent.context.setOffline(false);
    const want = [...before, count, count - 1];
    for (const side of [said(), log()]) {
      await until('both lines', async () => numbers(await side.innerText()).length === count, 40_000);
      expect(numbers(await side.innerText())).toEqual(want);
    }
  });

  it('goes on after the server was restarted', async () => {
    const before = numbers(await log().innerText());
    await parley.restart(2_000);
    await say(next());
    await until('the line', async () => numbers(await log().innerText()).length === count, 40_000);
    await answer(next());
    await until('the answer', async () => numbers(await said().innerText()).length === count, 40_000);
    expect(numbers(await log().innerText())).toEqual([...before, count - 1, count]);
    expect(numbers(await said().innerText())).toEqual([...before, count - 1, count]);
  });

  it('stands there again when the visitor loads the page anew, and on another page', async () => {
    await visitor.page.reload();
    await visitor.page
      .getByRole('button', { name: /Open chat/ })
      .or(panel())
      .first()
      .waitFor();
    if (!(await panel().isVisible())) await visitor.page.getByRole('button', { name: /Open chat/ }).click();
    await until('the lines', async () => numbers(await said().innerText()).length === count, 40_000);
    await visitor.page.goto(`${parley.ready.demo}/strict`);
    if (!(await panel().isVisible())) await visitor.page.getByRole('button', { name: /Open chat/ }).click();
    await until('the lines under a strict policy', async () => numbers(await said().innerText()).length === count, 40_000);
  });
});

describe('when nobody is there', () => {
  it('the answer goes to the address the visitor left, and their mail comes into the same thread', async () => {
    const page = visitor.page;
    const email = panel().getByRole('textbox', { name: 'Email' });
    if ((await email.count()) === 0) await say('My address is below.');
    await email.fill('pia@example.com');
    await panel().getByRole('button', { name: 'Save' }).click();
    await panel().getByText('We also answer to pia@example.com.').first().waitFor();
    await page.goto('about:blank'); // gone
    await agent.page.waitForTimeout(1_500);
    await answer('We have it in blue.');
    const mail = await until('the mail', async () => (await parley.sentMail()).find((m) => m.to.includes('pia@example.com')));
    const raw = await parley.source(mail);
    expect(raw).toMatch(/We have it in blue\./);
    const replyTo = /^Reply-To:.*<([^>]+)>/im.exec(raw)?.[1] ?? '';
    const id = mail.messageId.replace(/^<|>$/g, '');
    await parley.mail({
      from: 'pia@example.com',
      to: replyTo,
      subject: `Re: ${mail.subject}`,
      text: 'I take it.',
      headers: { 'In-Reply-To': `<${id}>` },
    });
    await log().getByText('I take it.').waitFor();
    await page.goto(parley.ready.demo);
    if (!(await panel().isVisible())) await page.getByRole('button', { name: /Open chat/ }).click();
    await said().getByText('I take it.').waitFor();
    await said().getByText('We have it in blue.').waitFor();
  });
});

describe('the widget', () => {
  it.each(['light', 'dark'] as const)('has no violation that axe knows, %s, wide and narrow', async (colorScheme) => {
    const { page, context } = await open(browser, { colorScheme, bypassCSP: true });
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.goto(parley.ready.demo);
      await page.getByRole('button', { name: /Open chat/ }).click();
      await field(page).waitFor();
      await page.addScriptTag({ content: axe });
      const found = await page.evaluate(async () => {
        const run = (
          window as unknown as {
            axe: { run(c: unknown, o: object): Promise<{ violations: { id: string; nodes: { failureSummary?: string }[] }[] }> };
          }
        ).axe.run;
        return (await run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations.map(
          (v) => `${v.id} ${v.nodes[0]?.failureSummary}`,
        );
      });
      expect(found).toEqual([]);
      await page.getByRole('button', { name: 'Close', exact: true }).click();
    }
    await context.close();
  });

  it('opens no socket before the panel is', async () => {
    const { page, context } = await open(browser);
    const sockets: string[] = [];
    page.on('websocket', (w) => sockets.push(w.url()));
    await page.goto(parley.ready.demo);
    await page.getByRole('button', { name: /Open chat/ }).waitFor();
    await page.waitForTimeout(1_000);
    expect(sockets).toEqual([]);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await context.close();
  });
});

it('broke no policy of any page', () => {
  expect(visitor.trouble).toEqual([]);
  expect(agent.trouble).toEqual([]);
});
