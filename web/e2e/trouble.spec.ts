import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atIssuer, launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, htmlMail, inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;
let lenas: string;
const lines: WebSocketRoute[] = [];

const log = () => page.getByRole('log');
const reply = () => page.getByRole('textbox', { name: /^Reply to/ });

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  await parley.mail({ from: 'Lena Novak <lena@atelier-novak.example>', subject: 'Charged twice', text: 'Hi!' });
  lenas = await threadOf(parley, 'Charged twice');
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.routeWebSocket(/\/ws/, (ws) => {
    ws.connectToServer();
    lines.push(ws);
  });
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});
beforeEach(async () => {
  await page.unrouteAll();
  await page.goto(`${base}/open/${lenas}`);
  await log().getByText('Hi!').first().waitFor();
});

describe('a bad line', () => {
  it('comes back by itself after the server dropped the socket, with what was missed and nothing twice', async () => {
    await until('the socket', async () => lines.length > 0);
    await page.waitForTimeout(300);
    await lines.at(-1)?.close();
    const n = lines.length;
    await parley.mail({ from: 'Lena Novak <lena@atelier-novak.example>', subject: 'Dropped', text: 'While you were away.' });
    await parley.api(`/threads/${lenas}/comments`, change('POST', { text: 'Missed note' }));
    await log().getByText('Missed note').waitFor();
    await page.getByRole('option', { name: /Dropped/ }).waitFor();
    expect(lines.length).toBeGreaterThan(n);
    expect(await log().getByText('Missed note').count()).toBe(1);
  });

  it('says within three seconds that it is offline, keeps what is sent, and sends it when back', async () => {
    await tab.context.setOffline(true);
    await page.getByText('You are offline.').waitFor({ timeout: 3_000 });
    await reply().fill('Written in a tunnel');
    await page.keyboard.press('Control+Enter');
    await log().getByText('Written in a tunnel').waitFor();
    await log().getByText('Waits for the connection').waitFor();
    await page.getByText('1 message waits and goes out when you are back.').waitFor();
    await tab.context.setOffline(false);
    await page.getByText('Back online').waitFor();
    await log()
      .getByText(/^(?:Sent|Delivered) \d\d:\d\d$/)
      .waitFor();
    expect(await log().getByText('Written in a tunnel').count()).toBe(1);
    const mails = await Promise.all((await parley.sentMail()).map((m) => parley.source(m)));
    expect(mails.filter((m) => m.includes('Written in a tunnel'))).toHaveLength(1);
    await page.getByText('Back online').waitFor({ state: 'detached', timeout: 4_000 });
  });

  it('shows why a reply was refused; edited, it goes', async () => {
    await reply().fill('Second try');
    await page.getByRole('button', { name: 'Add Cc' }).click();
    await page.getByLabel('Cc', { exact: true }).last().fill('not an address');
    await reply().focus();
    await page.keyboard.press('Control+Enter');
    const alert = log().getByRole('alert');
    await alert.getByText('Not sent.').waitFor();
    await alert.getByRole('button', { name: 'Edit' }).click();
    expect((await reply().innerText()).trim()).toBe('Second try');
    await page.getByRole('button', { name: 'Remove not an address' }).click();
    await reply().focus();
    await page.keyboard.press('Control+Enter');
    await log().getByText('Second try').waitFor();
    await until('the mail', async () => (await parley.sentMail()).length === 2);
  });

  it('retries a failed reply under the same key', async () => {
    const keys: (string | undefined)[] = [];
    let refuse = true;
    await page.route('**/messages', (r) => {
      if (!r.request().postData()?.includes('Third try')) return r.continue();
      keys.push(r.request().headers()['idempotency-key']);
      if (!refuse) return r.continue();
      return r.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'invalid', detail: 'No.', status: 422 }),
      });
    });
    await reply().fill('Third try');
    await page.keyboard.press('Control+Enter');
    await log().getByText('Not sent. No.').waitFor();
    refuse = false;
    await log().getByRole('button', { name: 'Try again' }).click();
    await until('the mail', async () => (await parley.sentMail()).length === 3);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });
});

describe('a server that fails', () => {
  const broken = {
    status: 500,
    contentType: 'application/problem+json',
    body: JSON.stringify({ code: 'internal', detail: 'It broke.', requestId: 'req-77', status: 500 }),
  };

  it('says what could not be loaded, with the request, and tries again', async () => {
    let fail = true;
    await page.route('**/threads?view=closed*', (r) => (fail ? r.fulfill(broken) : r.continue()));
    await page.goto(`${base}/closed`);
    await page.getByText('The conversations could not be loaded').waitFor({ timeout: 15_000 });
    await page.getByText('Request req-77').waitFor();
    fail = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nothing closed yet').waitFor();
  });

  it('tells a thread that does not exist from one that could not be loaded', async () => {
    await page.goto(`${base}/open/01jd8f0c000000000000000000`);
    await page.getByText('There is no such conversation').waitFor();
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page.waitForURL(`${base}/open`);
    await page.route(`**/threads/${lenas}`, (r) => r.fulfill(broken));
    await page.goto(`${base}/open/${lenas}`);
    await page.getByText('The conversation could not be loaded').waitFor({ timeout: 15_000 });
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByRole('button', { name: 'Back to the list' }).click(); // on a phone there is no list beside
    await page.waitForURL(`${base}/open`);
    await page.goto(`${base}/open/${lenas}`);
  });

  it('changes nothing when a change fails, and says so', async () => {
    await parley.api(`/threads/${lenas}/assignee`, change('PUT', { agent: '' })); // the first reply took it
    await page.getByRole('button', { name: 'Assigned to nobody. Change' }).waitFor();
    await page.route('**/assignee', (r) => r.fulfill(broken));
    await page.keyboard.press('i');
    await page.getByText('Not assigned.').waitFor();
    await page.getByRole('button', { name: 'Assigned to nobody. Change' }).waitFor();
  });

  it('shows a quarantined mail and an error of the quarantine', async () => {
    const mail = {
      id: 'q1',
      at: '2026-11-22T09:00:00Z',
      reason: 'not a mail',
      from: 'x@y.example',
      subject: '',
      to: ['support@parley.localhost'],
      size: 1234,
      state: 'parked',
      tries: 0,
      changedAt: '2026-11-22T09:00:00Z',
    };
    await page.route('**/api/quarantine?*', (r) => r.fulfill({ json: { mails: [mail], next: '' } }));
    await page.goto(`${parley.ready.inbox}quarantine`);
    await page.getByText('not a mail').waitFor();
    await page.getByText('x@y.example to support@parley.localhost').waitFor();
    await page.route('**/quarantine/q1/raw', (r) => r.fulfill(broken));
    await page.getByRole('button', { name: 'The original of (no subject)' }).click();
    await page.getByRole('menuitem', { name: 'Open the original as text' }).click();
    await page.getByText('The file could not be opened.').waitFor();
    await page.route('**/quarantine/q1/reprocess', (r) => r.fulfill(broken));
    await page.getByRole('button', { name: 'Try again: (no subject)' }).click();
    await page.getByText('Not tried again.').waitFor();
    await page.route('**/api/quarantine?*', (r) => r.fulfill(broken));
    await page.reload();
    await page.getByText('The quarantine could not be loaded').waitFor({ timeout: 15_000 });
  });

  it('says what of the settings could not be loaded, and takes back what could not be saved', async () => {
    await page.route('**/api/ledger?*', (r) => r.fulfill(broken));
    await page.goto(`${parley.ready.inbox}settings/ledger`);
    await page.getByText('The ledger could not be loaded').waitFor({ timeout: 15_000 });
    await page.route('**/filters/deny*', (r) => r.fulfill(broken));
    await page.route('**/filters', (r) => (r.request().method() === 'PATCH' ? r.fulfill(broken) : r.continue()));
    await page.getByRole('link', { name: 'Email filters' }).click();
    await page.getByText('The list could not be loaded').waitFor({ timeout: 15_000 });
    const rule = page.getByRole('switch', { name: 'Automatic mail' });
    await rule.click();
    await page.getByText('Not saved.').waitFor();
    expect(await rule.getAttribute('aria-checked')).toBe('false');
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nobody is on the deny list.').waitFor();
  });

  it('moves nothing when it could not be filed', async () => {
    await page.route('**/folder', (r) => r.fulfill(broken));
    await page.keyboard.press('!');
    await page.getByText('Not moved.').waitFor();
    await page.unrouteAll();
    expect((await parley.api<{ thread: { folder?: string } }>(`/threads/${lenas}`)).thread.folder ?? '').toBe('');
  });

  it('says when there is no server at all', async () => {
    await page.route('**/api/**', (r) => r.abort());
    await page.goto(parley.ready.inbox);
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'All open' }).waitFor();
  });

  it('shows a page that does not exist as such', async () => {
    await page.goto(`${parley.ready.inbox}nowhere`);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    await page.getByRole('link', { name: 'Go to the inbox' }).click();
    await page.getByRole('heading', { name: 'All open' }).waitFor();
  });
});

describe('what became of a mail', () => {
  const states = [
    ['failed', 'Not delivered'],
    ['unknown', 'It is not sent again until that is known.'],
    ['sending', 'Going out…'],
    ['pending', 'Waiting to go out'],
  ] as const;
  it.each(states)('%s', async (state, text) => {
    await page.route(`**/threads/${lenas}`, async (r) => {
      const res = await r.fetch();
      const body = (await res.json()) as { entries: { sent?: object; delivery?: object }[] };
      for (const e of body.entries)
        if (e.sent) e.delivery = { ...e.delivery, state, reason: state === 'failed' ? 'The server said no.' : '', at: '2099-01-01T00:00:00Z' };
      return r.fulfill({ response: res, json: body });
    });
    await page.reload();
    await log().getByText(text).first().waitFor();
    if (state === 'failed') await log().getByText('The server said no.').first().waitFor();
  });

  it('names the address that bounced', async () => {
    await page.route(`**/threads/${lenas}`, async (r) => {
      const res = await r.fetch();
      const body = (await res.json()) as { entries: { sent?: object; delivery?: object }[] };
      const recipients = [{ address: 'lena@atelier-novak.example', state: 'bounced', reason: 'No such user' }];
      for (const e of body.entries) if (e.sent) e.delivery = { ...e.delivery, state: 'sent', at: '2099-01-01T00:00:00Z', recipients };
      return r.fulfill({ response: res, json: body });
    });
    await page.reload();
    await log().getByText('lena@atelier-novak.example bounced. No such user').first().waitFor();
  });
});

describe('the HTML of a stranger', () => {
  let far: Server;
  let asked: string[];
  beforeAll(async () => {
    asked = [];
    far = createServer((req, res) => {
      asked.push(req.url ?? '');
      res.setHeader('content-type', 'image/svg+xml');
      res.end('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>');
    });
    await new Promise<void>((ok) => far.listen(0, '127.0.0.1', ok));
    const remote = `http://localhost:${(far.address() as AddressInfo).port}/pixel`;
    await parley.mail({ from: 'Mina Ito <mina@ito.example>', subject: 'Label is yellow', text: '', ...htmlMail(remote) });
  });
  afterAll(() => far.close());

  it('is shown with its style and its own picture, runs nothing, and asks no stranger for anything', async () => {
    await page.goto(`${base}/open/${await threadOf(parley, 'Label is yellow')}`);
    const mail = page.frameLocator('iframe[title="Text of the mail"]');
    const first = mail.getByText('Hello team');
    await first.waitFor();
    expect(await first.evaluate((el) => getComputedStyle(el).color)).toBe('rgb(12, 34, 56)');
    expect(await mail.getByText('yellow', { exact: true }).evaluate((el) => getComputedStyle(el).backgroundColor)).toBe('rgb(255, 224, 138)');
    await until('its own picture', () => mail.getByAltText('own').evaluate((i) => (i as HTMLImageElement).naturalWidth > 0));
    expect(await mail.getByText('Order 77').getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(await mail.getByText('tap').getAttribute('href')).toBeNull();
    const [inside, outside] = await Promise.all([
      mail.locator('html').evaluate((el) => el.getBoundingClientRect().height),
      page.locator('iframe[title="Text of the mail"]').evaluate((el) => el.clientHeight),
    ]);
    expect(Math.abs(inside - outside)).toBeLessThan(3);
    await page.waitForTimeout(300);
    expect(asked).toEqual([]);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(tab.trouble).toEqual([]);
  });

  it('can be read as plain text, its file and its original opened, its place explained', async () => {
    await page.goto(`${base}/open/${await threadOf(parley, 'Label is yellow')}`);
    const more = page.getByRole('button', { name: 'More about this mail' });
    await more.click();
    await page.getByRole('menuitem', { name: 'Show as plain text' }).click();
    await log().getByText('the label came out yellow.').waitFor();
    await more.click();
    await page.getByRole('menuitem', { name: 'Why is this mail here?' }).click();
    await page.getByRole('dialog').getByText('It answers no known message').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await more.click();
    const [popup] = await Promise.all([tab.context.waitForEvent('page'), page.getByRole('menuitem', { name: 'Open the original as text' }).click()]);
    await until('the raw mail', async () => (await popup.content()).includes('multipart/related'));
    await popup.close();
    await page.bringToFront();
    const [file] = await Promise.all([
      page.waitForEvent('download').catch(() => null),
      page.getByRole('button', { name: 'Download label.pdf' }).click(),
    ]);
    expect(file?.suggestedFilename()).toBe('label.pdf');
  });
});

describe('the end of a session', () => {
  it('asks to sign in again and loses nothing typed', async () => {
    await reply().fill('Do not lose me');
    await page.route('**/api/session/refresh', (r) => r.fulfill({ status: 401, json: { code: 'denied', detail: 'expired' } }));
    await page.route('**/api/ticket', (r) => r.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
    await lines.at(-1)?.close();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Sign in again' }).click();
    await page.locator('input[type=password]').waitFor();
    await page.unrouteAll(); // not before: any request that is tried again would bring the session back
    await atIssuer(page, parley);
    await log().getByText('Hi!').first().waitFor();
    expect((await reply().innerText()).trim()).toBe('Do not lose me');
  });
});
