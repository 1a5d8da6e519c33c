/** Remote images: blocked until asked for, then through our own origin, which asks nobody on this machine. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { type Canary, canary } from './canary';
import { Parley, until } from './parley';
import { htmlMail, inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let far: Canary;
let tab: Tab;
let page: Page;
let base: string;
const strangers: string[] = [];

const mail = () => page.frameLocator('iframe[title="Text of the mail"]');
const blocked = () => page.getByText(/remote images? (was|were) not loaded/);
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR4nGP4z8DAwMDAxAADAAkYAQGsKyOyAAAAAElFTkSuQmCC', 'base64');

const goto = async (subject: string) => {
  await page.goto(`${base}/open/${await threadOf(parley, subject)}`);
  await mail().getByText('Hello team').waitFor();
};

beforeAll(async () => {
  [parley, browser, far] = await Promise.all([Parley.start(), launch(), canary()]);
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  tab.context.on('request', (r) => {
    if (!r.url().startsWith(parley.ready.inbox) && /^https?:/.test(r.url())) strangers.push(r.url());
  });
  await signIn(page, parley);
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
  const from = 'Mina Ito <mina@ito.example>';
  await parley.mail({ from, subject: 'Label is yellow', text: '', ...htmlMail(`http://${far.host}/pixel.png`) });
  await parley.mail({ from, subject: 'Label is blue', text: '', ...htmlMail('https://pictures.example/label.png') });
  await parley.mail({ from: 'Eve <eve@other.example>', subject: 'Label is red', text: '', ...htmlMail('https://pictures.example/label.png') });
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
  far?.close();
});

describe('remote images', () => {
  it('are not loaded, and it says how many there are and where they lie', async () => {
    await goto('Label is blue');
    await page.getByText('1 remote image was not loaded, it lies on pictures.example.').waitFor();
    expect(await mail().getByAltText('far').getAttribute('src')).toBeNull();
    await until('its own picture', () =>
      mail()
        .getByAltText('own')
        .evaluate((i) => (i as HTMLImageElement).naturalWidth > 0),
    );
  });

  it('of a server on this machine are refused when asked for: nothing reaches it, and their place says so', async () => {
    await goto('Label is yellow');
    const [answer] = await Promise.all([
      page.waitForResponse((r) => r.url().includes('/api/image')),
      page.getByRole('button', { name: 'Show images' }).click(),
    ]);
    expect(answer.status()).toBe(403);
    await blocked().waitFor({ state: 'detached' });
    const place = mail().getByAltText('far');
    await until('the word', async () => (await place.getAttribute('title')) === 'This image could not be loaded');
    expect(await place.evaluate((i) => [(i as HTMLImageElement).naturalWidth, getComputedStyle(i).outlineStyle])).toEqual([0, 'dashed']);
    expect(far.asked).toEqual([]);
  });

  it('are shown through our own origin, for this mail and this time', async () => {
    await page.route('**/api/image?*', (r) => r.fulfill({ body: pixel, contentType: 'image/png' }));
    await goto('Label is blue');
    await page.getByRole('button', { name: 'Show images' }).click();
    const place = mail().getByAltText('far');
    await until('the picture', () => place.evaluate((i) => (i as HTMLImageElement).naturalWidth === 2));
    expect(await place.evaluate((i) => new URL((i as HTMLImageElement).src).searchParams.get('u'))).toBe('https://pictures.example/label.png');
    expect(await place.evaluate((i) => getComputedStyle(i).outlineStyle)).toBe('none');
    await page.reload();
    await blocked().waitFor();
  });

  it('of a sender are shown always once that was chosen, those of others are not, and it can be taken back', async () => {
    await goto('Label is blue');
    await page.getByRole('button', { name: 'Always from this sender' }).click();
    await page.getByText('Images of mina@ito.example are always shown.').waitFor();
    await page.reload();
    await until('the picture', () =>
      mail()
        .getByAltText('far')
        .evaluate((i) => (i as HTMLImageElement).naturalWidth === 2),
    );
    expect(await blocked().count()).toBe(0);
    await goto('Label is red');
    await blocked().waitFor();
    await goto('Label is blue');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await blocked().waitFor();
    expect(await mail().getByAltText('far').getAttribute('src')).toBeNull();
  });

  it('never make the browser ask anybody else, nor break a rule of the page', () => {
    expect(strangers).toEqual([]);
    expect(far.asked).toEqual([]);
    expect(tab.trouble).toEqual([]);
  });
});

describe('a link that says something else than it does', () => {
  it('says where it leads', async () => {
    const body =
      '<p>Hello team</p><p><a href="https://evil.example/login">https://bank.example/login</a> or <a href="https://shop.example/77">your order</a></p>';
    await parley.mail({
      from: 'Bank <bank@bank.example>',
      subject: 'Sign in',
      text: '',
      headers: { 'Content-Type': 'text/html; charset=utf-8' },
      body,
    });
    await goto('Sign in');
    await mail().getByText('leads to evil.example').waitFor();
    expect(await mail().getByText('https://bank.example/login').getAttribute('title')).toBe('leads to evil.example');
    expect(await mail().getByText('your order').getAttribute('title')).toBe('shop.example');
    expect(await mail().getByText('leads to').count()).toBe(1);
  });
});
