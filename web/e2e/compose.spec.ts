/** Writing: rich text, recipients, files, taking back, passing on, drafts that follow their writer, mentions, snippets, a first mail. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { type OutMail, Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

const lena = 'Lena Novak <lena@atelier-novak.example>';
const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==', 'base64');

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;

const log = () => page.getByRole('log');
const reply = () => page.getByRole('textbox', { name: /^Reply to/ });
const undoBar = () => page.getByRole('button', { name: 'Send now' });
const words = async () => (await reply().innerText()).trim();
const known = new Set<string>();

/** The next mail that went out. */
const nextMail = async (): Promise<OutMail> => {
  const m = await until('a mail', async () => (await parley.sentMail()).find((x) => !known.has(x.id)));
  known.add(m.id);
  return m;
};
const sendNow = async (): Promise<OutMail> => {
  await page.keyboard.press('Control+Enter');
  await undoBar().click();
  return nextMail();
};
/** Opens a conversation that one mail has begun. */
const begin = async (subject: string, extra: Record<string, string> = {}): Promise<string> => {
  await parley.mail({ from: lena, subject, text: `About ${subject}.`, headers: extra });
  const id = await threadOf(parley, subject);
  await page.goto(`${base}/open/${id}`);
  await log().getByText(`About ${subject}.`).waitFor();
  await reply().waitFor();
  return id;
};

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

describe('a reply', () => {
  it('without any form goes out as plain text', async () => {
    await begin('Plain');
    await page.keyboard.press('r');
    await page.keyboard.type('First line\nSecond <b>line</b>');
    const raw = await parley.source(await sendNow());
    expect(raw).toMatch(/First line\r?\nSecond <b>line<\/b>/);
    expect(raw).toMatch(/Second &lt;b&gt;line&lt;\/b&gt;/);
    expect(await log().locator('iframe').count()).toBe(0);
  });

  it('with form carries HTML and its plain twin, and is shown as it was written', async () => {
    await begin('Rich');
    await page.keyboard.press('r');
    await page.keyboard.press('Control+B');
    await page.keyboard.type('Loud');
    await page.keyboard.press('Control+B');
    await page.keyboard.type(' and a list:\n');
    await page.getByRole('button', { name: 'Bulleted list' }).click();
    await page.keyboard.type('one\ntwo');
    const raw = await parley.source(await sendNow());
    expect(raw).toMatch(/multipart\/alternative/);
    expect(raw).toMatch(/<strong>Loud<\/strong>/);
    expect(raw).toMatch(/<li>/);
    expect(raw).toMatch(/text\/plain/);
    await log().frameLocator('iframe').last().locator('strong', { hasText: 'Loud' }).waitFor();
  });

  it('takes a link and formats from the toolbar, by keyboard too', async () => {
    await begin('Link');
    await page.keyboard.press('r');
    await page.keyboard.type('See our page');
    for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowLeft');
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    const field = page.getByRole('textbox', { name: 'Link to' });
    await field.fill('no page');
    await page.keyboard.press('Enter');
    await page.getByText('That is no address of a page.').waitFor();
    await field.fill('shop.example/returns');
    await page.keyboard.press('Enter');
    const raw = (
      await parley.source(
        await (async () => {
          await reply().focus();
          return sendNow();
        })(),
      )
    )
      .replace(/=\r?\n/g, '')
      .replaceAll('=3D', '=');
    expect(raw).toMatch(/href="https:\/\/shop\.example\/returns"[^>]*>our page</);
  });

  it('cleans what is pasted from elsewhere', async () => {
    await begin('Paste');
    await reply().focus();
    await reply().evaluate((el) => {
      const data = new DataTransfer();
      data.setData(
        'text/html',
        '<b style="font-weight:normal" id="docs-internal-guid-1"><p style="color:red" onclick="x()"><span style="font-weight:700">Bold</span> text</p><script>window.hacked=1</script><img src="https://far.example/x.png"><style>p{color:red}</style><o:p>&nbsp;</o:p></b>',
      );
      el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.waitForFunction(() => document.querySelector('[role=textbox][contenteditable]')?.textContent?.includes('Bold text'));
    const html = await reply().innerHTML();
    expect(html).toMatch(/<strong>Bold<\/strong> text/);
    expect(html).not.toMatch(/script|far\.example|color|onclick|docs-internal|<b>|<o:p>/);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    await reply().fill('');
  });

  it('to all goes to everybody who takes part', async () => {
    await begin('All of us', { Cc: 'Bo Berg <bo@berg.example>' });
    await page.keyboard.press('Shift+R');
    await page.keyboard.type('To both of you.');
    const m = await sendNow();
    expect([...m.to].sort()).toEqual(['bo@berg.example', 'lena@atelier-novak.example']);
    expect(await parley.source(m)).toMatch(/^Cc: .*bo@berg\.example/im);
  });

  it('takes Cc and Bcc as chips; what is no address is marked, refused, and nothing is lost', async () => {
    await begin('Chips');
    await page.keyboard.press('r');
    await page.keyboard.type('With copies.');
    await page.getByRole('button', { name: 'Add Cc' }).click();
    await page
      .getByRole('combobox', { name: 'Cc' })
      .or(page.getByRole('textbox', { name: 'Cc' }))
      .fill('Cy <cy@copy.example>, nonsense');
    await page.keyboard.press('Enter');
    await page.getByText('Not an address: nonsense').waitFor();
    await reply().focus();
    await page.keyboard.press('Control+Enter');
    await log().getByRole('alert').getByText('Not sent.').waitFor();
    await log().getByRole('button', { name: 'Edit' }).click();
    expect(await words()).toBe('With copies.');
    await page.getByRole('button', { name: 'Remove nonsense' }).click();
    await page.getByRole('button', { name: 'Add Bcc' }).click();
    await page
      .getByRole('combobox', { name: 'Bcc' })
      .or(page.getByRole('textbox', { name: 'Bcc' }))
      .fill('hidden@copy.example');
    await page.keyboard.press('Tab');
    await reply().focus();
    const m = await sendNow();
    expect([...m.to].sort()).toEqual(['cy@copy.example', 'hidden@copy.example', 'lena@atelier-novak.example']);
    expect(m.raw.length).toBeGreaterThan(0);
    expect(await parley.source(m)).not.toMatch(/^Bcc:/im);
  });
});

describe('taking back', () => {
  it('brings the text back and sends nothing', async () => {
    const id = await begin('Too soon');
    await page.keyboard.press('r');
    await page.keyboard.type('Wait, not yet');
    await page.keyboard.press('Control+Enter');
    await undoBar().waitFor();
    await page.keyboard.press('z');
    await until('the text', async () => (await words()) === 'Wait, not yet');
    await log().getByText('Taken back, not sent').waitFor();
    await page.waitForTimeout(11_000); // its time is over
    expect((await parley.sentMail()).filter((m) => !known.has(m.id))).toEqual([]);
    const { entries } = await parley.api<{ entries: { delivery?: { state: string } }[] }>(`/threads/${id}`);
    expect(entries.flatMap((e) => e.delivery?.state ?? [])).toEqual(['withdrawn']);
    await reply().fill('Now it is right');
    await reply().focus();
    expect(await parley.source(await sendNow())).toMatch(/Now it is right/);
  });

  it('is over after ten seconds, and from another conversation too', async () => {
    const id = await begin('Elsewhere');
    await page.keyboard.press('r');
    await page.keyboard.type('Sent from here');
    await page.keyboard.press('Control+Enter');
    await undoBar().waitFor();
    await page.getByRole('option').nth(2).click();
    await page.waitForURL((u) => !u.pathname.endsWith(id));
    await page.getByRole('button', { name: /^Undo/ }).click();
    await until('the text, where it was written', async () => (await reply().count()) === 1 && (await words()) === 'Sent from here');
    await page.keyboard.press('Control+Enter');
    await undoBar().waitFor();
    await undoBar().waitFor({ state: 'detached' });
    expect(await parley.source(await nextMail())).toMatch(/Sent from here/);
  });
});

describe('files', () => {
  it('go along, and a picture stands in the text', async () => {
    await begin('Files');
    await page
      .locator('input[type=file]')
      .setInputFiles([{ name: 'Rechnung März.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 x') }]);
    await page.getByRole('list', { name: 'Files to send' }).getByText('Rechnung März.pdf').waitFor();
    await reply().focus();
    await page.keyboard.type('See the picture: ');
    await reply().evaluate((el, b64) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
      data.items.add(new File([bytes], 'dot.png', { type: 'image/png' }));
      el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, dot.toString('base64'));
    await reply().locator('img[src^="blob:"]').waitFor();
    await until('the draft', async () => (await page.locator('[data-draft=saved]').count()) === 1);
    const raw = await parley.source(await sendNow());
    expect(raw).toMatch(/multipart\/mixed/);
    expect(raw).toMatch(/multipart\/related/);
    expect(raw).toMatch(/Content-Disposition: inline/i);
    expect(raw).toContain('iVBORw0KGgo');
    await page.getByRole('list', { name: 'Files' }).getByText('Rechnung März.pdf').waitFor();
    await log().frameLocator('iframe').last().locator('img[src]').waitFor();
  });

  it('of 41 MB are refused before they are sent; the draft stays', async () => {
    await begin('Large');
    await page.keyboard.press('r');
    await page.keyboard.type('Here is the film');
    await page.locator('input[type=file]').setInputFiles([{ name: 'film.mov', mimeType: 'video/quicktime', buffer: Buffer.alloc(41 << 20) }]);
    await page.getByText(/film\.mov: "film\.mov" has 41 MB\..*at most 40 MB can be sent/).waitFor();
    await page.getByRole('button', { name: 'Remove film.mov' }).click();
    expect(await words()).toBe('Here is the film');
    await page.locator('input[type=file]').setInputFiles([{ name: 'virus.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') }]);
    await page.getByText(/the mail service refuses files of this kind/).waitFor();
    await reply().fill('');
  });
});

describe('passing on', () => {
  it('sends a message with its history and its files to somebody else', async () => {
    await begin('For the printer');
    await page.keyboard.press('f');
    await page.getByText(/^Goes along: the message of Lena Novak/).waitFor();
    await page.keyboard.type('print@shop.example');
    await page.keyboard.press('Enter');
    const field = page.getByRole('textbox', { name: 'Forward' });
    await field.focus();
    await page.keyboard.type('Can you look at this?');
    const m = await sendNow();
    expect([m.to, m.subject]).toEqual([['print@shop.example'], 'Fwd: For the printer']);
    const raw = await parley.source(m);
    expect(raw).toMatch(/Can you look at this\?/);
    expect(raw).toMatch(/About For the printer\./);
    await reply().waitFor(); // back to the answer
  });
});

describe('drafts', () => {
  it('follow their writer into another browser, and two that differ are put before them', async () => {
    const id = await begin('Unfinished');
    await page.keyboard.press('r');
    await page.keyboard.type('Begun at my desk');
    await until('the draft at the server', async () => (await page.locator('[data-draft=saved]').count()) === 1);

    const other = await open(browser);
    other.page.setDefaultTimeout(20_000);
    await other.page.goto(parley.ready.inbox);
    await signIn(other.page, parley);
    await other.page.getByRole('link', { name: 'Drafts' }).click();
    await other.page.getByRole('link', { name: /Lena Novak.*Begun at my desk/ }).click();
    const there = other.page.getByRole('textbox', { name: /^Reply to/ });
    await until('the text', async () => (await there.count()) === 1 && (await there.innerText()).trim() === 'Begun at my desk');
    await there.focus();
    await other.page.keyboard.press('Control+End');
    await other.page.keyboard.type(', ended on the train');
    await until('the draft', async () => (await other.page.locator('[data-draft=saved]').count()) === 1);
    await other.context.close();

    await reply().focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' and changed here');
    await page.getByText('This draft was changed in another window:').waitFor();
    await page.getByRole('button', { name: 'Take that one' }).click();
    await until('the other text', async () => (await words()) === 'Begun at my desk, ended on the train');
    await reply().focus();
    await sendNow();
    const { drafts } = await parley.api<{ drafts: unknown[] }>(`/threads/${id}/drafts`);
    expect(drafts).toEqual([]); // it went with the message
  });
});

describe('“@” and “#”', () => {
  it('a note calls a colleague by name', async () => {
    await parley.api('/users', change('POST', { email: 'noah@parley.localhost', name: 'Noah Okafor', role: 'agent' }));
    const id = await begin('Call Noah');
    await page.reload();
    await reply().waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type('Please look, @noa');
    await page.getByRole('option', { name: /Noah Okafor/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('today.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('article', { name: 'Internal note of Ada Admin' }).getByText('Please look, @Noah Okafor today.').waitFor();
    const { entries } = await parley.api<{ entries: { comment?: { mentions?: { name?: string }[] } }[] }>(`/threads/${id}`);
    expect(JSON.stringify(entries.find((e) => e.comment)?.comment)).toContain('Noah Okafor');
  });

  it('a snippet comes in with its tokens filled', async () => {
    await parley.api(
      '/snippets',
      change('POST', { shortcut: 'returns', title: 'How returns work', text: 'Dear {{contact.name}},\nsend it back within 30 days.' }),
    );
    await begin('How to return');
    await page.keyboard.press('r');
    await page.keyboard.type('#ret');
    await page.getByRole('option', { name: /#returns/ }).waitFor();
    await page.keyboard.press('Enter');
    await until('the text', async () => /Lena/.test(await words()));
    expect(await words()).toMatch(/^Dear Lena.*,\s+send it back within 30 days\.$/);
    expect(await parley.source(await sendNow())).toMatch(/send it back within 30 days/);
  });
});

describe('a first mail', () => {
  it('begins a conversation, into which the answer comes', async () => {
    await page.goto(`${base}/open`);
    await page.getByRole('region', { name: 'Conversations' }).waitFor();
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'New mail' }).waitFor();
    await page.getByRole('button', { name: /^Send/ }).click();
    await page.getByText('Say whom it goes to.').waitFor();
    await page.getByLabel('To', { exact: true }).last().fill('Ida Berg <ida@berg.example>');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Subject' }).fill('Your order is here');
    const text = page.getByRole('textbox', { name: 'Text' });
    await text.focus();
    await page.keyboard.type('Come and get it.');
    await until('the draft', async () => (await page.locator('[data-draft=saved]').count()) === 1);
    await page.reload(); // and survives
    await text.getByText('Come and get it.').waitFor();
    await text.focus();
    const m = await sendNow();
    expect([m.to, m.subject]).toEqual([['ida@berg.example'], 'Your order is here']);
    await page.getByRole('heading', { name: 'Your order is here' }).waitFor();
    const re = m.messageId.replace(/^<|>$/g, '');
    await parley.mail({
      from: 'Ida Berg <ida@berg.example>',
      subject: 'Re: Your order is here',
      text: 'On my way!',
      headers: { 'In-Reply-To': `<${re}>` },
    });
    await log().getByText('On my way!').waitFor();
  });
});

describe('a signature', () => {
  it('stands below from the beginning, and goes along as it is seen', async () => {
    await page.goto(`${parley.ready.inbox}settings/profile`);
    const field = page.getByRole('textbox', { name: 'Signature' });
    await field.focus();
    await page.keyboard.type('Ada Admin\nParley');
    await page.locator('form', { has: field }).getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').first().waitFor();
    await begin('Signed');
    await reply().getByText('Ada Admin').waitFor();
    await page.keyboard.press('r');
    await page.keyboard.type('With regards');
    const raw = (await parley.source(await sendNow())).replaceAll('=20', ' ');
    expect(raw).toMatch(/With regards[\s\S]*-- \r?\nAda Admin\r?\nParley/);
  });
});

it('had no violation of the page’s policy and no error', () =>
  // Chromium reports what the sanitiser reads in a document that is shown nowhere, too.
  expect(tab.trouble.filter((t) => !/^CSP (?:style-src-elem|script-src-attr) inline .*\/mailhtml-/.test(t))).toEqual([]));
