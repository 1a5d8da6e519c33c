/** Mail that is not a letter, what the filters do with it, and what cannot be taken in: by real SMTP, in the real product. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import * as odd from './odd';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;
let inbox: string;

const row = (name: string) => page.getByRole('option', { name: new RegExp(name) });
const log = () => page.getByRole('log');
const view = (name: string) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name });
const toast = () => page.locator('[role=status]').filter({ has: page.getByRole('button', { name: 'Undo' }) });
const openThread = async (subject: string, where = 'open') => {
  await page.goto(`${base}/${where}/${await threadOf(parley, subject, where)}`);
  await log().waitFor();
};

beforeAll(async () => {
  [parley, browser] = await Promise.all([Parley.start(), launch()]);
  tab = await open(browser, { timezoneId: 'Europe/Ljubljana' });
  page = tab.page;
  page.setDefaultTimeout(20_000);
  await page.goto(parley.ready.inbox);
  await signIn(page, parley);
  inbox = await inboxId(parley);
  base = `${parley.ready.inbox}inbox/${inbox}`;
});
afterAll(async () => {
  await browser?.close();
  await parley?.stop();
});

describe('spam by hand', () => {
  it('goes out of the inbox with a key and comes back with the toast', async () => {
    await parley.mail({ from: 'Prize Office <win@lottery.example>', subject: 'You have won', text: 'Send your account number.' });
    await openThread('You have won');
    await row('Prize Office').waitFor();
    await page.keyboard.press('!');
    await row('Prize Office').waitFor({ state: 'detached' });
    await until('the count', async () => /1/.test((await view('Spam').textContent()) ?? ''));
    await toast().getByRole('button', { name: 'Undo' }).click();
    await row('Prize Office').waitFor();
  });

  it('can block the sender besides; the way back says why it is there', async () => {
    await openThread('You have won');
    await page.getByRole('button', { name: 'More about this conversation' }).click();
    await page.getByRole('menuitem', { name: 'Mark as spam and block win@lottery.example' }).click();
    await page.getByText('win@lottery.example is blocked').waitFor();
    await view('Spam').click();
    await row('Prize Office').click();
    await log().getByText('Ada Admin marked this as spam').first().waitFor();
    await page.getByText('It was moved here by hand.').waitFor();
    await page.goto(`${parley.ready.inbox}settings/filters`);
    const deny = page.getByRole('list', { name: 'Deny list' });
    await deny.getByText('win@lottery.example').waitFor();
    await deny.getByText(/By Ada Admin/).waitFor();
    await deny.getByRole('link', { name: 'Over this conversation' }).click();
    await page.getByRole('button', { name: 'Not spam' }).click();
    await view('All open').click();
    await row('Prize Office').waitFor();
  });
});

describe('email filters', () => {
  const group = (name: string) => page.getByRole('region', { name });
  beforeAll(async () => {
    await page.goto(`${parley.ready.inbox}settings/filters`);
    await page.getByRole('heading', { level: 1, name: 'Email filters' }).waitFor();
  });

  it('switches a rule on, keeps it, and takes it back', async () => {
    const rule = page.getByRole('switch', { name: 'Newsletters and mailing lists' });
    expect(await rule.getAttribute('aria-checked')).toBe('false');
    await rule.focus();
    await page.keyboard.press('Space');
    await page.getByText('Saved. New mail follows it within ten seconds.').waitFor();
    await page.reload();
    await until('the switch', async () => (await rule.getAttribute('aria-checked')) === 'true');
    expect(await parley.api(`/inboxes/${inbox}/filters`)).toMatchObject({ rules: { marketing: true, auto: false } });
    await rule.click();
    await toast().getByRole('button', { name: 'Undo' }).click();
    await until('the undo', async () => (await parley.api<{ rules: { marketing: boolean } }>(`/inboxes/${inbox}/filters`)).rules.marketing);
    await until('the switch', async () => (await rule.getAttribute('aria-checked')) === 'true');
  });

  it('refuses a rate that is none and keeps one that is', async () => {
    const rate = page.getByRole('textbox', { name: 'Mails of one sender in one hour' });
    await rate.fill('many');
    await page.keyboard.press('Enter');
    await page.getByText('Enter a whole number from 0 to 10000.').waitFor();
    await rate.fill('40');
    await page.keyboard.press('Enter');
    await until('the rate', async () => (await parley.api<{ rate: number }>(`/inboxes/${inbox}/filters`)).rate === 40);
  });

  it('adds a domain and an address, says what is neither, removes with undo', async () => {
    const allow = group('Allow list');
    const field = allow.getByRole('textbox', { name: 'Address or domain' });
    await field.fill('not an address');
    await page.keyboard.press('Enter');
    await allow.getByText('This is neither an address nor a domain.').waitFor();
    await field.fill('Lena Novak <Lena@Atelier-Novak.example>');
    await page.keyboard.press('Enter');
    await allow.getByText('lena@atelier-novak.example').waitFor();
    expect(await field.inputValue()).toBe('');
    expect(await field.evaluate((el) => el === document.activeElement)).toBe(true);
    await field.fill('@shop.example');
    await allow.getByRole('button', { name: 'Allow' }).click();
    await allow.getByText('shop.example', { exact: true }).waitFor();
    await allow.getByRole('button', { name: 'Remove shop.example' }).click();
    await allow.getByText('shop.example', { exact: true }).waitFor({ state: 'detached' });
    await toast().getByRole('button', { name: 'Undo' }).click();
    await allow.getByText('shop.example', { exact: true }).waitFor();
  });

  it('says what the server refuses: nobody blocks themselves', async () => {
    const deny = group('Deny list');
    await deny.getByRole('textbox', { name: 'Address or domain' }).fill(parley.ready.address);
    await page.keyboard.press('Enter');
    await deny.getByText(/is your own/).waitFor();
  });

  it('pages through a long list and finds an entry that is not shown by its whole name', async () => {
    const put = (n: number) => parley.api(`/inboxes/${inbox}/filters/deny/s${String(n).padStart(3, '0')}.example`, { method: 'PUT' });
    await Promise.all(Array.from({ length: 105 }, (_, n) => put(n)));
    await page.reload();
    const deny = group('Deny list');
    await deny.getByText('s000.example', { exact: true }).waitFor();
    expect(await deny.getByRole('listitem').count()).toBe(100);
    const find = deny.getByRole('searchbox', { name: 'Find on this list' });
    await find.fill('s104.example');
    await deny.getByText('s104.example', { exact: true }).waitFor();
    await find.fill('nobody.example');
    await deny.getByText('nobody.example is not on this list.').waitFor();
    await find.fill('');
    await deny.getByRole('button', { name: 'Show more' }).click();
    await deny.getByText('win@lottery.example').waitFor();
    expect(await deny.getByRole('listitem').count()).toBe(106);
  });
});

describe('what the filters put aside', () => {
  it('stands in Spam with the reason, and nowhere else, until somebody says it is none', async () => {
    await page.goto(`${base}/spam`);
    await parley.deliver(odd.judged('spam=FAIL', 'A parcel waits', 'Click here.', 'Parcels <parcels@courier.example>'));
    await row('Parcels').waitFor();
    await row('Parcels').click();
    await page.getByText('The mail system takes it for spam.').first().waitFor();
    await view('All open').click();
    await page.getByRole('heading', { level: 1, name: 'All open' }).waitFor();
    expect(await row('Parcels').count()).toBe(0);
    await openThread('A parcel waits', 'spam');
    await page.keyboard.press('!');
    await view('All open').click();
    await row('Parcels').waitFor();
  });

  it('stands in Filtered with the rule that put it there; m takes it back', async () => {
    await parley.settled(); // the rule was switched on moments ago
    await parley.deliver(odd.newsletter());
    await openThread('Five ideas for your December shop window', 'filtered');
    const banner = page.getByText(/Filtered: this stands outside the inbox/);
    await banner.waitFor();
    expect(await banner.innerText()).toContain('It went to many at once');
    await log().getByText('List weekly.window-weekly.example').waitFor();
    await page.getByRole('button', { name: 'More about this mail' }).click();
    await page.getByRole('menuitem', { name: 'Why is this mail here?' }).click();
    const why = page.getByRole('dialog', { name: 'Why is this mail here?' });
    await why.getByText(/It was put into Filtered. It went to many at once/).waitFor();
    await why.getByText('Rules, inputs and ids').click();
    await why.getByText('marketing', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await why.waitFor({ state: 'detached' });
    await page.keyboard.press('m');
    await toast().getByText('Back in the inbox: Window Weekly').waitFor();
    await threadOf(parley, 'Five ideas for your December shop window');
  });
});

describe('mail that is no letter', () => {
  it('shows an invitation in the time of the reader, and the answer to one', async () => {
    await parley.deliver(odd.invitation());
    await openThread('Invitation: Kick-off for the new shop');
    const card = page.getByRole('region', { name: 'Calendar: Kick-off for the new shop' });
    await card.getByText('Invitation').waitFor();
    await card.getByText(/Thu, 3 December 2026, 16:00.+17:30 CET/).waitFor();
    await card.getByText('Studio, Trubarjeva 7, Ljubljana').waitFor();
    await card.getByText('Invited by Lena Novak <lena@atelier-novak.example>').waitFor();
    await parley.deliver(odd.accepted());
    await openThread('Accepted: Kick-off for the new shop');
    await card.getByText(/Aiko.+ accepts/).waitFor();
  });

  it('names an attached mail by its subject and sender', async () => {
    await parley.deliver(odd.withMail());
    await openThread('The supplier wrote this');
    const files = page.getByRole('list', { name: 'Files' });
    await files.getByText('Your order 4711 has left our house').waitFor();
    await files.getByText(/Mail from Orders <orders@supplier.example>/).waitFor();
    await files.getByRole('button', { name: 'Download Your order 4711 has left our house' }).waitFor();
  });

  it('says that it cannot read what is sealed, and hands it over', async () => {
    await parley.deliver(odd.encrypted());
    await openThread('Confidential');
    await log().getByText('Encrypted (PGP)').waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), log().getByRole('button', { name: 'Download the original (.eml)' }).click()]);
    expect(file.suggestedFilename()).toMatch(/\.eml$/);
    await parley.deliver(odd.signed());
    await openThread('Signed offer');
    await log().getByText('Signed (S/MIME), not verified').waitFor();
    await parley.deliver(odd.blindCopy());
    await openThread('For your eyes');
    await log().getByText('In Bcc').waitFor();
  });

  it('takes bytes that are no mail, says what is wrong, and opens them', async () => {
    await parley.deliver(Buffer.from([0x00, 0xff, 0xfe, 0x41, 0x0a, 0x80, 0x81, 0x42]));
    await openThread('(no subject)');
    await log()
      .getByText(/It does not say who sent it/)
      .waitFor();
    await page.getByRole('article', { name: 'Mail from Unknown sender' }).waitFor();
    const [popup] = await Promise.all([tab.context.waitForEvent('page'), log().getByRole('button', { name: 'Open the original' }).click()]);
    await popup.close();
    await page.bringToFront();
  });
});

describe('mail about mail', () => {
  const lena = 'Lena Novak <lena@atelier-novak.example>';

  it('puts an out-of-office note with its conversation and says that no person wrote it', async () => {
    const first = await parley.mail({ from: lena, subject: 'Charged twice', text: 'My card was charged twice.' });
    const id = await threadOf(parley, 'Charged twice');
    await parley.api(`/threads/${id}/messages`, change('POST', { text: 'We look into it.' }));
    await until('the mail', async () => (await parley.sentMail()).length === 1);
    await parley.deliver(odd.outOfOffice(first), 'lena@atelier-novak.example');
    await openThread('Charged twice');
    await log().getByText('Automatic mail').waitFor();
  });

  it('notes a bounce at the mail that bounced, with what the other server said and its report', async () => {
    const [out] = await parley.sentMail();
    await parley.deliver(odd.bounce(out?.messageId ?? '', 'lena@atelier-novak.example'), '');
    const line = log().getByText(/Mail to lena@atelier-novak.example did not arrive: .*Mailbox full/);
    await line.waitFor();
    const [popup] = await Promise.all([tab.context.waitForEvent('page'), log().getByRole('button', { name: 'Open the report' }).click()]);
    await until('the report', async () => (await popup.content()).includes('Reporting-MTA'));
    await popup.close();
    await page.bringToFront();
  });

  it('takes what a colleague forwards for a mail of who wrote it; one click takes that back', async () => {
    const { users } = await parley.api<{ users: { name: string; email: string }[] }>('/users');
    const mara = users.find((u) => u.email.startsWith('mara@'));
    const text = [
      'Can you take this?',
      '',
      '---------- Forwarded message ---------',
      'From: Aiko Watanabe <aiko@watanabe.example>',
      'Date: Mon, 23 Nov 2026 at 10:00',
      'Subject: Invoice',
      `To: ${mara?.email}`,
      '',
      'Could you send the invoice again?',
    ].join('\n');
    await parley.mail({ from: `${mara?.name} <${mara?.email}>`, subject: 'Fwd: Invoice', text });
    await openThread('Fwd: Invoice');
    await row('Aiko Watanabe').waitFor();
    await log().getByText(`By ${mara?.name}`).waitFor();
    await log()
      .getByRole('button', { name: `Undo: the contact is ${mara?.name}` })
      .click();
    await log().getByText(`Ada Admin set the contact to ${mara?.name}`).waitFor();
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
    await log().getByText('Ada Admin set the contact to Aiko Watanabe').waitFor();
    await row('Aiko Watanabe').waitFor();
  });
});

describe('what cannot be taken in', () => {
  const nobody = () => `nobody@${parley.ready.address.split('@')[1]}`;
  const cell = (subject: string) => page.getByRole('row', { name: new RegExp(subject) });

  it('is in quarantine with its reason, its original, and another try', async () => {
    await parley.mail({ from: 'Ravi <ravi@kulkarni.example>', to: nobody(), subject: 'Wrong address', text: 'Is anybody there?' });
    await until('the quarantine', async () => (await parley.api<{ mails: unknown[] }>('/quarantine')).mails.length === 1);
    await page.goto(`${parley.ready.inbox}quarantine`);
    await cell('Wrong address').getByText('Nobody has the address it came to.').waitFor();
    await cell('Wrong address').getByRole('button', { name: 'The original of Wrong address' }).click();
    const [popup] = await Promise.all([tab.context.waitForEvent('page'), page.getByRole('menuitem', { name: 'Open the original as text' }).click()]);
    await until('the raw mail', async () => (await popup.content()).includes('Is anybody there?'));
    await popup.close();
    await page.bringToFront();
    await cell('Wrong address').getByRole('button', { name: 'The original of Wrong address' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download the original (.eml)' }).click()]);
    expect(file.suggestedFilename()).toMatch(/\.eml$/);
    await page.getByRole('button', { name: 'Try again: Wrong address' }).click();
    await cell('Wrong address').getByText('Tried again once, with the same result.').waitFor();
  });

  it('is counted in the ledger, which adds up', async () => {
    await page.getByRole('link', { name: 'Mail ledger' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mail ledger' }).waitFor();
    const today = page.getByRole('row').nth(1);
    await today.getByText('Adds up').waitFor();
    const numbers = (await today.getByRole('cell').allInnerTexts()).slice(0, 6).map((s) => Number(s.replace(/\D/g, '')));
    expect(numbers[0]).toBe(numbers.slice(1).reduce((a, b) => a + b));
    expect(numbers[3]).toBeGreaterThan(0);
    await page.getByRole('link', { name: '7 days' }).click();
    await until('the address', async () => page.url().endsWith('/settings/ledger/7'));
  });
});

describe('an agent who is no admin', () => {
  it('reads the filters and changes none, but for single addresses on the deny list', async () => {
    const { users } = await parley.api<{ users: { email: string }[] }>('/users');
    const mara = users.find((u) => u.email.startsWith('mara@'))?.email ?? '';
    const other = await open(browser);
    await other.page.goto(`${parley.ready.inbox}settings/filters`);
    await signIn(other.page, parley, mara);
    await other.page.getByText('Only admins can change the filters.').waitFor();
    const rule = other.page.getByRole('switch', { name: 'Automatic mail' });
    expect(await rule.getAttribute('aria-disabled')).toBe('true');
    await rule.click({ force: true }); // as a hand would: it looks disabled and is
    expect(await rule.getAttribute('aria-checked')).toBe('false');
    const removes = await other.page.getByRole('button', { name: /^Remove / }).evaluateAll((all) => all.map((e) => e.getAttribute('aria-label')));
    expect(removes.filter((x) => !x?.includes('@'))).toEqual([]);
    expect(await other.page.getByRole('textbox', { name: 'Address or domain' }).count()).toBe(0);
    expect(await other.page.getByRole('textbox', { name: 'Address', exact: true }).count()).toBe(1);
    expect(other.trouble).toEqual([]);
  });

  it('and the admin had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
});
