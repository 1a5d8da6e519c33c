/** Accounts that set themselves up, and the truth about what was sent. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, signIn, type Tab } from './browser';
import { Parley, until } from './parley';
import { change, inboxId, threadOf } from './seed';

interface Record {
  type: string;
  name: string;
  value: string;
}
interface Channel {
  account: { id: string; address: string };
  hosted: string;
  checks: { name: string; code: string; records?: Record[] }[];
}

let parley: Parley;
let browser: Browser;
let tab: Tab;
let page: Page;
let base: string;

const settings = () => `${parley.ready.inbox}settings/channels`;
const banner = () =>
  page
    .locator('main')
    .getByText(/^(?:Works|Waiting|Needs you|Unknown)\./)
    .first();

/** Publishes records in the DNS that local mode asks. */
function publish(records: Record[]): void {
  const zone: { [name: string]: { [type: string]: string[] } } = {};
  try {
    Object.assign(zone, JSON.parse(readFileSync(parley.ready.dns, 'utf8')));
  } catch {
    // nothing is published yet
  }
  for (const r of records) zone[r.name] = { ...zone[r.name], [r.type]: [r.value] };
  writeFileSync(parley.ready.dns, JSON.stringify(zone));
}
const found = async (address: string): Promise<Channel> =>
  until(`the account ${address}`, async () =>
    (await parley.api<{ channels: Channel[] }>('/channels')).channels.find((c) => c.account.address === address),
  );

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

describe('channels', () => {
  it('lists every account with its health, and the address each inbox has from birth', async () => {
    await page.goto(settings());
    await page.getByRole('heading', { name: 'Channels' }).waitFor();
    await page
      .getByRole('row', { name: new RegExp(parley.ready.address) })
      .first()
      .waitFor();
    await page.getByRole('heading', { name: 'Fallback address' }).waitFor();
  });

  it('refuses what is no address, and what cannot be received that way', async () => {
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('textbox', { name: 'Address customers write to' }).fill('nonsense');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('That is no email address.').waitFor();
    await page.getByRole('textbox', { name: 'Address customers write to' }).fill('shop@gmail.com');
    await page.getByRole('textbox', { name: 'Name of the team' }).fill('Kiln & Clay');
    await page.getByRole('radio', { name: /Whole domain/ }).check();
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('Nobody but its provider can change the MX record of gmail.com').waitFor();
  });

  it('connects a mailbox that forwards: steps, the provider’s confirmation, a test mail that proves it', async () => {
    await page.goto(`${settings()}/connect`);
    await page.getByRole('textbox', { name: 'Address customers write to' }).fill('hello@kiln.example');
    await page.getByRole('textbox', { name: 'Name of the team' }).fill('Kiln & Clay');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'hello@kiln.example' }).waitFor();
    await page.getByText('Nobody has tried yet. Send a test mail to hello@kiln.example').first().waitFor();
    await page.getByRole('button', { name: 'Google Groups' }).click();
    await page.getByText('In Google Groups open the group hello@kiln.example').waitFor();

    const c = await found('hello@kiln.example');
    await parley.settled();
    await parley.mail({
      from: 'Gmail Team <forwarding-noreply@google.com>',
      to: c.hosted,
      subject: '(#99427480) Gmail Forwarding Confirmation - Receive Mail from hello@kiln.example',
      text: 'Confirmation code: 99427480\nPlease click https://mail-settings.google.com/mail/vf-abc-xyz0',
    });
    await until('the confirmation', async () => {
      await page.getByRole('button', { name: 'Check now' }).click();
      return (await page.getByRole('heading', { name: 'The provider wants a confirmation' }).count()) > 0;
    });
    await page.getByText('99427480').first().waitFor();
    await page.getByRole('button', { name: 'Confirm at mail-settings.google.com' }).waitFor();

    const before = (await parley.sentMail()).length;
    await page.getByRole('button', { name: 'Send a test mail' }).click();
    const probe = await until('the test mail', async () => {
      const all = await parley.sentMail();
      return all.length > before && all.find((m) => m.to.includes('hello@kiln.example'));
    });
    await parley.deliver(Buffer.from(await parley.source(probe)), 'hello@kiln.example', c.hosted);
    await page
      .getByText(/^The test mail came in after/)
      .first()
      .waitFor();
    expect(await page.getByRole('heading', { name: 'The provider wants a confirmation' }).count()).toBe(0);
  });

  it('connects a whole domain: says that MX is missing, then that it is found', async () => {
    await page.goto(`${settings()}/connect`);
    await page.getByRole('radio', { name: /Whole domain/ }).check();
    await page.getByRole('textbox', { name: 'Address customers write to' }).fill('team@loom.example');
    await page.getByRole('textbox', { name: 'Name of the team' }).fill('Loom');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'team@loom.example' }).waitFor();
    const c = await found('team@loom.example');
    const mx = c.checks.flatMap((x) => x.records ?? []).find((r) => r.type === 'MX');
    expect(mx).toBeDefined();
    await page
      .getByText(mx?.value ?? '', { exact: true })
      .first()
      .waitFor();
    const row = page.getByRole('row', { name: new RegExp(mx?.value ?? '') });
    expect(await row.first().innerText()).not.toContain('Works');
    publish([mx as Record]);
    await page.getByRole('button', { name: 'Check now' }).click();
    await row.getByText('Works').waitFor();
    await page.goto(`${settings()}/${(await found('hello@kiln.example')).account.id}`);
  });

  it('shows the records that prove the domain, and that they are found', async () => {
    const c = await found('hello@kiln.example');
    const records = c.checks.find((x) => x.name === 'identity')?.records ?? [];
    expect(records.length).toBe(3);
    for (const r of records) await page.getByText(r.name, { exact: true }).first().waitFor();
    publish(records);
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Replies are signed as kiln.example (DKIM).').first().waitFor();
    await until('the sender', async () =>
      /hello@kiln\.example/.test((await page.getByRole('region', { name: 'hello@kiln.example' }).innerText()) ?? ''),
    );
  });

  it('keeps what customers see: name, who signs, signature', async () => {
    await page.getByRole('textbox', { name: 'Name of the team' }).fill('Kiln');
    await page.getByRole('combobox', { name: 'Who answers' }).selectOption('team');
    await page.getByRole('textbox', { name: 'Signature' }).focus();
    await page.keyboard.type('Kiln, Clay Street 1');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await page.getByRole('textbox', { name: 'Signature' }).getByText('Kiln, Clay Street 1').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name of the team' }).inputValue()).toBe('Kiln');
  });

  it('pauses, resumes, disconnects', async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await banner().getByText(/./).or(page.getByText('Paused: new conversations wait in Filtered')).first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('Not connected any more. Its conversations stay.').first().waitFor();
    await page.getByRole('button', { name: 'All accounts' }).click();
    await page.getByText('1 disconnected').waitFor();
  });
});

describe('the truth about a message', () => {
  const log = () => page.getByRole('log');
  const answer = async (subject: string, to: string[]): Promise<string> => {
    await parley.mail({ from: 'Lena Novak <lena@atelier-novak.example>', subject, text: `About ${subject}.` });
    const id = await threadOf(parley, subject);
    await parley.api(`/threads/${id}/messages`, change('POST', { text: 'Here it is.', to: to.map((email) => ({ email })) }));
    await page.goto(`${base}/open/${id}`);
    await log().getByText(`About ${subject}.`).waitFor();
    return id;
  };

  it('says of each recipient what became of it, and why', async () => {
    await answer('Many', ['success@simulator.amazonses.com', 'bounce@simulator.amazonses.com', 'delay@simulator.amazonses.com']);
    await log().getByText('bounce@simulator.amazonses.com bounced. There is no such address.').waitFor();
    await log().getByText('delay@simulator.amazonses.com is delayed.').waitFor();
    await log().getByRole('button', { name: '3 recipients' }).click();
    await log().getByText('success@simulator.amazonses.com – delivered').waitFor();
    await log().getByText('bounce@simulator.amazonses.com – bounced').waitFor();
  });

  it('puts it under Undelivered until somebody has seen to it', async () => {
    await page.getByRole('link', { name: /^Undelivered/ }).click();
    await page.getByRole('heading', { name: 'Undelivered' }).waitFor();
    await page.getByRole('option', { name: /Lena Novak/ }).click();
    await page.getByText('A message of this conversation did not reach somebody').waitFor();
    await page.getByRole('button', { name: 'Seen to' }).click();
    await page.getByText('A message of this conversation did not reach somebody').waitFor({ state: 'detached' });
    await page.getByText('Everything arrived').waitFor();
  });

  it('a complaint is told', async () => {
    await answer('Called spam', ['complaint@simulator.amazonses.com']);
    await log().getByText('complaint@simulator.amazonses.com marked it as spam.').waitFor();
  });

  it('an address that bounced is on the suppression list; it can be let in again, and sent to', async () => {
    const to = 'bounce+again@simulator.parley.test';
    const id = await answer('Suppressed', [to]);
    await log().getByText(`${to} bounced. There is no such address.`).waitFor();
    await parley.api(`/threads/${id}/messages`, change('POST', { text: 'Once more.', to: [{ email: to }] }));
    await log().getByText(`${to} is on the suppression list.`).waitFor();
    await log().getByRole('button', { name: 'Let mail go there again' }).click();
    const ask = page.getByRole('dialog', { name: `Let mail go to ${to} again?` });
    await ask.getByRole('button', { name: 'Cancel' }).click();
    await ask.waitFor({ state: 'hidden' });
    await parley.api(`/suppressed/${encodeURIComponent(to)}`); // still listed: cancelling changes nothing
    await log().getByRole('button', { name: 'Let mail go there again' }).click();
    await ask.getByRole('button', { name: 'Let mail go there again' }).click();
    await log().getByText('Mail may go there again.').waitFor();
    await log().getByRole('button', { name: 'Send again' }).last().click();
    await log().getByText('had the message sent again').waitFor();
  });
});

it('had no violation of the page’s policy and no error', () => expect(tab.trouble).toEqual([]));
