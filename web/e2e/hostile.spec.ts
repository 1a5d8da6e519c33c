/**
 * Mails that attack, through real SMTP, opened in Chromium: as the server has sanitised them, and then raw, as if it had not. Among them are the
 * nine of reference/web.md §6 and the payloads of DOMPurify's own tests.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { type Canary, canary } from './canary';
import { Parley, until } from './parley';
import { inboxId, threadOf } from './seed';

const data = (file: string) => JSON.parse(readFileSync(resolve(import.meta.dirname, '../../shared/email/testdata', file), 'utf8'));
const payloads: string[] = [
  ...(data('attacks.json') as { html: string }[]).map((a) => a.html),
  ...(data('corpora/dompurify/expect.json') as { payload: string }[]).map((a) => a.payload),
];
const perThread = 40;
const threads = Math.ceil(payloads.length / perThread);

let parley: Parley;
let browser: Browser;
let far: Canary;
let tab: Tab;
let page: Page;
let base: string;
const strangers: string[] = [];
const dialogs: string[] = [];
const byMessage = new Map<string, string>();

/** Payloads boast by alert(1); these leave a mark on the page, and what they would fetch lies on our canary. */
function armed(payload: string): string {
  return payload
    .replaceAll('alert(', 'parent.hacked=top.hacked=(')
    .replace(/(https?:)?\/\/evil\.example/g, `http://${far.host}`)
    .replaceAll('evil.example', far.host);
}

interface View {
  entries: { seq: number; received?: { email?: { messageId?: string } } }[];
}

beforeAll(async () => {
  [parley, browser, far] = await Promise.all([Parley.start(), launch(), canary()]);
  for (let n = 0; n < threads; n++) {
    let first = '';
    for (const [i, payload] of payloads.slice(n * perThread, (n + 1) * perThread).entries()) {
      const html = armed(payload);
      const headers: Record<string, string> = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Transfer-Encoding': 'base64' };
      if (first) Object.assign(headers, { 'In-Reply-To': first, References: first });
      const body = (
        Buffer.from(`<p>Mail ${i}</p>${html}`)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\r\n');
      const id = await parley.mail({ from: 'Eve <eve@eve.example>', subject: `Attack ${n}`, text: '', headers, body });
      byMessage.set(id.slice(1, -1), html);
      if (!first) {
        first = id;
        await threadOf(parley, `Attack ${n}`);
      }
    }
  }
  tab = await open(browser);
  page = tab.page;
  page.setDefaultTimeout(20_000);
  page.on('dialog', (d) => {
    dialogs.push(d.message());
    void d.dismiss();
  });
  tab.context.on('request', (r) => {
    if (!r.url().startsWith(parley.ready.inbox) && !/^(data|blob|about):/.test(r.url())) strangers.push(`${r.resourceType()} ${r.url()}`);
  });
  await signIn(page, parley);
  base = `${parley.ready.inbox}inbox/${await inboxId(parley)}`;
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
  far?.close();
});

afterEach(async () => {
  await page.unrouteAll();
  tab.trouble.length = 0;
});

/** Opens a thread, waits until each of its mails has its frame or its text, touches everything in them, and returns their frames' elements. */
async function opened(n: number): Promise<string[]> {
  const id = await threadOf(parley, `Attack ${n}`);
  const mails = Math.min(perThread, payloads.length - n * perThread);
  await until('all mails of the thread', async () => {
    const view = await parley.api<View>(`/threads/${id}`);
    return view.entries.filter((e) => e.received).length === mails;
  });
  await page.goto(`${base}/open/${id}`);
  await until(`${mails} mails`, async () => (await page.locator('iframe[title="Text of the mail"]').count()) === mails, 20_000);
  await page.waitForTimeout(700);
  const left = new Set<string>();
  for (const frame of page.frames().filter((f) => f.parentFrame())) {
    const found = await frame.evaluate(() => {
      const all = [...document.body.querySelectorAll('*')];
      for (const el of all) {
        if (el.closest('a[href]')) continue;
        for (const type of ['mouseover', 'mousemove', 'pointerdown', 'focus', 'click', 'toggle', 'error', 'load'])
          el.dispatchEvent(new Event(type, { bubbles: type === 'click', cancelable: true }));
      }
      return all.flatMap((el) => [el.localName, ...el.getAttributeNames().map((a) => `${el.localName} ${a}`)]);
    });
    for (const f of found) left.add(f);
  }
  await page.waitForTimeout(300);
  return [...left];
}

const mayStay =
  /^[a-z0-9]+( (alt|width|height|align|valign|bgcolor|border|hspace|vspace|cellpadding|cellspacing|summary|colspan|rowspan|nowrap|abbr|scope|span|color|face|size|start|value|type|cite|datetime|dir|lang|title|style|href|rel|target|src|data-src|data-failed|data-warn))?$|^summary aria-label$/; // the page names its own fold

async function nothingHappened(): Promise<void> {
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  expect(far.asked).toEqual([]);
  expect(strangers).toEqual([]);
  expect(dialogs).toEqual([]);
  expect(tab.context.pages()).toHaveLength(1);
  expect(new URL(page.url()).pathname).toMatch(/^\/inbox\//);
}

describe.each(Array.from({ length: threads }, (_, n) => n))('thread %i', (n) => {
  it('as the server sanitised it: nothing runs, nothing leaves, no rule is broken', async () => {
    const left = await opened(n);
    await nothingHappened();
    expect(left.filter((l) => !mayStay.test(l) || /^(script|iframe|form|input|svg|math|style|link|meta|base|object|embed)\b/.test(l))).toEqual([]);
    expect(tab.trouble).toEqual([]);
    for (const show = page.getByRole('button', { name: 'Show images' }); (await show.count()) > 0; ) await show.first().click();
    await page.waitForTimeout(300);
    await nothingHappened();
    expect(tab.trouble).toEqual([]);
  });

  it('raw, as if the server had let everything through: nothing runs and nothing leaves', async () => {
    await page.route('**/entries/*/body', async (r) => {
      const [, thread, seq] = /threads\/([^/]+)\/entries\/(\d+)/.exec(r.request().url()) ?? [];
      const view = await parley.api<View>(`/threads/${thread}`);
      const id = view.entries.find((e) => String(e.seq) === seq)?.received?.email?.messageId ?? '';
      const res = await r.fetch();
      await r.fulfill({ response: res, json: { ...((await res.json()) as object), html: `<p>Raw</p>${byMessage.get(id)}` } });
    });
    const left = await opened(n);
    await nothingHappened();
    expect(
      left.filter((l) =>
        /^(script|iframe|frame|form|input|button|select|textarea|svg|math|style|link|meta|base|object|embed|video|audio)\b| on|srcset|srcdoc/.test(l),
      ),
    ).toEqual([]);
    // The page's policy refuses style, base and (Chromium 156 says so) handlers in DOMPurify's own document, before they are taken away.
    expect(tab.trouble.filter((t) => !/^CSP (style-src|base-uri|script-src-attr inline .*\/(?:MailFrame|mailhtml)-)/.test(t))).toEqual([]);
  });
});
