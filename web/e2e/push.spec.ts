/**
 * Web push: naming a browser, what its service worker does with a push, and who is silent then. Chromium without a network has no push service:
 * the subscription is played, and the devtools deliver what the service would, decrypted. The other half is Go's (functions/callout, flows).
 */
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let cdp: CDPSession;
let base: string;

/** Plays the push service of the browser: keys that are real, an address that nobody answers at. */
function play(): void {
  let sub: object | null = null;
  const manager = PushManager.prototype as unknown as Record<string, unknown>;
  manager.getSubscription = () => Promise.resolve(sub);
  manager.subscribe = async (o: { applicationServerKey: Uint8Array; userVisibleOnly: boolean }) => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
    const keys: Record<string, ArrayBuffer> = {
      p256dh: await crypto.subtle.exportKey('raw', pair.publicKey),
      auth: crypto.getRandomValues(new Uint8Array(16)).buffer,
    };
    await crypto.subtle.importKey('raw', o.applicationServerKey as BufferSource, { name: 'ECDH', namedCurve: 'P-256' }, true, []); // refuses what is no key
    if (!o.userVisibleOnly) throw new Error('userVisibleOnly');
    sub = {
      endpoint: `https://push.invalid/${crypto.randomUUID()}`,
      options: { applicationServerKey: o.applicationServerKey.buffer },
      getKey: (name: string) => keys[name],
      unsubscribe: () => {
        sub = null;
        return Promise.resolve(true);
      },
    };
    return sub;
  };
}

const devices = async () => (await parley.api<{ devices: { id: string; name: string }[] }>('/me/push')).devices;
const shown = (p: Page) =>
  p.evaluate(async () =>
    ((await (await navigator.serviceWorker.getRegistration())?.getNotifications()) ?? []).map((n) => ({ title: n.title, body: n.body, tag: n.tag })),
  );

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser);
  await tab.context.addInitScript(play);
  await tab.context.grantPermissions(['notifications'], { origin: new URL(parley.ready.inbox).origin });
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

it('names this browser, with the key of the workspace', async () => {
  await page.goto(`${parley.ready.inbox}settings/notifications`);
  await page.getByRole('switch', { name: 'Push to this browser' }).click();
  await page.getByRole('list', { name: 'Devices that are told' }).getByText('this browser').waitFor();
  expect(await page.getByRole('switch', { name: 'Push to this browser' }).getAttribute('aria-checked')).toBe('true');
  expect((await devices()).map((d) => d.name)).toEqual(['Chrome, Linux']);
  expect(await page.getByRole('checkbox', { name: 'Someone mentions me: Push' }).isChecked()).toBe(true);
  await page.reload();
  await page.getByRole('switch', { name: 'Push to this browser', checked: true }).waitFor();
});

it('shows a push, once for one thing, and opens its conversation', async () => {
  await parley.mail({
    from: 'Lena Novak <lena@novak.example>',
    subject: 'A vase',
    text: 'In blue?',
    headers: { 'Message-ID': '<v1@novak.example>' },
  });
  const id = await threadOf(parley, 'A vase');
  const { id: me } = await parley.api<{ id: string }>('/me');
  await parley.api(`/threads/${id}/assignee`, change('PUT', { agent: me }));
  cdp = await tab.context.newCDPSession(page);
  const registration = new Promise<string>((found) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const one = registrations.find((r) => !r.isDeleted && parley.ready.inbox.startsWith(r.scopeURL));
      if (one) found(one.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  const registrationId = await registration;
  const path = new URL(`${base}/open/${id}`).pathname;
  const push = (told: object) =>
    cdp.send('ServiceWorker.deliverPushMessage', { origin: new URL(parley.ready.inbox).origin, registrationId, data: JSON.stringify(told) });
  for (let n = 0; n < 2; n++) await push({ id: 'e1', title: 'Lena Novak replied', text: 'A vase\nHello?', path });
  await until('a notification', async () => (await shown(page)).length > 0);
  expect(await shown(page)).toEqual([{ title: 'Lena Novak replied', body: 'A vase\nHello?', tag: 'e1' }]);
  // A click on it cannot be played: what the worker does then is asked of it.
  const worker = tab.context.serviceWorkers()[0];
  await worker?.evaluate((to) => (globalThis as unknown as { show(path: string): Promise<void> }).show(to), path).catch(() => undefined); // focus needs a real click
  await worker?.evaluate(async (to) => {
    const all = await (globalThis as unknown as { clients: { matchAll(o: object): Promise<{ postMessage(m: object): void }[]> } }).clients.matchAll({
      type: 'window',
    });
    for (const c of all) c.postMessage({ open: to });
  }, path);
  await page.waitForURL(`**${path}`);
  await page.getByRole('heading', { name: 'A vase' }).first().waitFor();
});

it('rings by itself while it is visible, and is pushed to while it is not', async () => {
  const pages = () => tab.context.pages().length;
  expect(pages()).toBe(1);
  const frames: { t: string; push?: string[]; show?: boolean }[] = [];
  page.on('websocket', (ws) =>
    ws.on('framereceived', (f) => {
      const frame = JSON.parse(String(f.payload)) as (typeof frames)[number];
      if (frame.t === 'notice') frames.push(frame);
    }),
  );
  await page.goto(`${base}/closed`);
  await page.getByRole('link', { name: 'Notifications' }).waitFor();
  await parley.settled();
  const answer = (text: string) =>
    parley.mail({ from: 'Lena Novak <lena@novak.example>', subject: 'Re: A vase', text, headers: { 'In-Reply-To': '<v1@novak.example>' } });
  await answer('While I look.');
  await until('the notice', async () => frames.length === 1);
  expect(frames[0]).toMatchObject({ show: true });
  expect(frames[0]?.push).toBeUndefined();
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.waitForTimeout(500); // the word of it has no answer
  await answer('While I do not.');
  await until('the notice', async () => frames.length === 2);
  expect(frames[1]?.push).toEqual((await devices()).map((d) => d.id));
});

it('ends with the device, and with signing out', async () => {
  await page.goto(`${parley.ready.inbox}settings/notifications`);
  await page.getByRole('button', { name: 'Remove Chrome, Linux' }).click();
  await page.getByRole('switch', { name: 'Push to this browser', checked: false }).waitFor();
  await until('no device', async () => (await devices()).length === 0);
  await page.getByRole('switch', { name: 'Push to this browser' }).click();
  await page.getByRole('switch', { name: 'Push to this browser', checked: true }).waitFor();
  await page.goto(`${base}/open`);
  await page
    .getByRole('button', { name: /account|Ada/i })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: /Continue to sign in|Sign in again/ }).waitFor();
  expect(await page.evaluate(() => localStorage.getItem('parley.push'))).toBeNull();
  await until('no device', async () => (await devices()).length === 0);
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
