/** How mail looks that was written for other windows: too wide, white on a black that is not here, from right to left, to hundreds. */
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley } from './parley';
import { inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;

const log = () => page.getByRole('log');
const frame = (): FrameLocator => page.frameLocator('iframe');

async function html(subject: string, body: string): Promise<void> {
  await parley.mail({ from: 'Shop News <news@shop.example>', subject, text: body, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  await read(subject);
}

async function read(subject: string): Promise<void> {
  await page.goto(`${base}/open/${await threadOf(parley, subject)}`);
  await log().waitFor();
}

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

describe('a mail wider than its place', () => {
  const cells = '<td width="200" style="min-width:200px">Linen shirt</td>';
  const overflow = () =>
    frame()
      .locator('body')
      .evaluate((b) => b.scrollWidth - b.clientWidth);

  it.each([1440, 390])('is seen whole at %i px if it is a newsletter', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await html(`Sale ${width}`, `<table width="600" style="width:600px;min-width:600px"><tr>${cells.repeat(3)}</tr></table>`);
    await frame().getByText('Linen shirt').first().waitFor();
    await expect.poll(overflow).toBeLessThanOrEqual(1);
    const zoom = Number(
      await frame()
        .locator('body')
        .evaluate((b) => b.style.zoom),
    );
    expect(zoom).toBeGreaterThanOrEqual(0.5);
    expect(zoom).toBeLessThan(1);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('keeps its size and scrolls sideways if it would become too small', async () => {
    await html('Stock', `<table width="3000" style="width:3000px"><tr>${cells.repeat(15)}</tr></table>`);
    await frame().getByText('Linen shirt').first().waitFor();
    expect(await overflow()).toBeGreaterThan(1000);
    expect(
      await frame()
        .locator('body')
        .evaluate((b) => b.style.zoom),
    ).toBe('');
  });

  it('has pictures in their own shape, however large they say they are', async () => {
    const gif = 'R0lGODlhAQABAIAAAMLCwv///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==';
    await html(
      'Huge',
      `<p>This:</p><img src="data:image/gif;base64,${gif}" width="4000" height="3000" style="width:4000px;height:3000px;min-width:4000px">`,
    );
    const box = await frame().locator('img').boundingBox();
    expect(box?.width).toBeLessThan(600);
    expect(box?.height).toBeCloseTo(box?.width ?? 0, -1);
  });
});

describe('words', () => {
  const colour = (text: string) =>
    frame()
      .getByText(text)
      .evaluate((el) => getComputedStyle(el).color);

  it('that were white on a black which is not here can be read; all others keep their colour', async () => {
    await html(
      'Night',
      `<html><head><style>.box{background:#000}</style></head><body bgcolor="#000000" text="#ffffff"><div class="box"><p style="color:#ffffff">The invoice</p><p style="color:#888888">in grey</p>
<table bgcolor="#112211"><tr><td style="color:#ffffff">on green</td></tr></table><table bgcolor="#000"><tr><td style="color:#111111">black on black</td></tr></table></div></body></html>`,
    );
    expect(await colour('The invoice')).toBe('rgb(27, 31, 29)');
    expect(await colour('in grey')).toBe('rgb(136, 136, 136)');
    expect(await colour('on green')).toBe('rgb(255, 255, 255)');
    expect(await colour('black on black')).toBe('rgb(255, 255, 255)');
  });

  it('of a plain text run in their own direction', async () => {
    await parley.mail({ from: 'Dana <dana@levi.example>', subject: 'RTL', text: 'שלום, איפה ההזמנה שלי?\r\n\r\nThank you' });
    await read('RTL');
    const sides = await log()
      .getByText('Thank you')
      .evaluate((el) => {
        const rects = [...el.childNodes].flatMap((n) => {
          const r = document.createRange();
          r.selectNodeContents(n);
          return [...r.getClientRects()];
        });
        const box = el.getBoundingClientRect();
        const top = rects.filter((r) => r.top === rects[0]?.top).map((r) => r.right);
        return { first: box.right - Math.max(...top), last: (rects.at(-1)?.left ?? 0) - box.left };
      });
    expect(sides.first).toBeLessThan(2);
    expect(sides.last).toBeLessThan(2);
  });

  it('of others are folded away in whatever language they are announced, and open in place', async () => {
    await parley.mail({
      from: 'Jan <jan@nowak.example>',
      subject: 'Re: Faktura',
      text: 'Dziękuję.\r\n\r\nJan\r\n\r\nW dniu 23.11.2026 o 09:12, Support pisze:\r\n> Faktura w załączniku.\r\n',
    });
    await read('Re: Faktura');
    await log().getByText('Dziękuję.').waitFor();
    expect(await log().getByText('Faktura w załączniku.').count()).toBe(0);
    await log().getByRole('button', { name: 'Quoted text' }).click();
    await log().getByText('W dniu 23.11.2026').waitFor();
    expect(await page.getByRole('option', { name: /Jan/ }).textContent()).not.toContain('pisze');
  });
});

it('names a few of many recipients, and all when asked', async () => {
  const many = Array.from({ length: 30 }, (_, i) => `Member ${i} <m${i}@members.example>`).join(', ');
  await parley.mail({ from: 'Lena <lena@novak.example>', subject: 'Minutes', text: 'See below.', headers: { Cc: many } });
  await read('Minutes');
  expect(await log().getByText('m29@members.example').count()).toBe(0);
  await log().getByRole('button', { name: 'and 27 more' }).click();
  await log().getByText('m29@members.example').waitFor();
  await log().getByRole('button', { name: 'Fewer' }).click();
  expect(await log().getByText('m29@members.example').count()).toBe(0);
});

it('broke no rule of the page', () => expect(tab.trouble).toEqual([]));
