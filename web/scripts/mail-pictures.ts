/** Pictures of real mail at its worst, to look at: web/screenshots/mail/<theme>-<width>-<nn>-<file>.png. Names on the command line choose files. */
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { launch, open, signIn } from '../e2e/browser';
import * as odd from '../e2e/odd';
import { Parley, until } from '../e2e/parley';
import { inboxId } from '../e2e/seed';
import { ugly as made } from './ugly';

const corpora = resolve(import.meta.dirname, '../../shared/email/testdata/corpora');

const ugly = [
  'chatwoot/welcome_html.eml',
  'ruby-mail/content_transfer_encoding_with_8bits.eml',
  'postal-mime/calendar-event.eml',
  'enmime/mail/mime-signed.raw',
  'chatwoot/attachments_without_filename.eml',
  'chatwoot/bounced_with_no_from.eml',
  'chatwoot/mail_with_inline_images.eml',
  'chatwoot/mail_with_quote.eml',
  'chatwoot/non_utf_encoded_mail.eml',
  'chatwoot/notification.eml',
  'chatwoot/support_1.eml',
  'enmime/bad-header-wrap.raw',
  'enmime/erroneous.raw',
  'enmime/html-mime-inline.raw',
  'enmime/mime-bad-8bit-filename.raw',
  'enmime/mime-bad-content-transfer-encoding.raw',
  'postal-mime/mimetorture.eml',
  'postal-mime/mixed.eml',
  'ruby-mail/content_transfer_encoding_x_uuencode.eml',
  'ruby-mail/encoding_madness.eml',
  'ruby-mail/invalid_subject_characters.eml',
  'ruby-mail/japanese_attachment_long_name.eml',
  'ruby-mail/ks_c_5601-1987.eml',
  'ruby-mail/weird_to_header.eml',
  'stalwart/malformed/004.eml',
  'stalwart/rfc/007.eml',
];

interface Listed {
  threads: { thread: { id: string } }[];
}

/** Sends one mail and waits for the thread that it opens; "" if it opened none. */
async function send(parley: Parley, inbox: string, raw: Buffer): Promise<string> {
  const list = async () => {
    const all = await Promise.all(['open', 'filtered', 'spam'].map((v) => parley.api<Listed>(`/inboxes/${inbox}/threads?view=${v}&limit=100`)));
    return all.flatMap((l) => l.threads.map((t) => t.thread.id));
  };
  const before = new Set(await list());
  await parley.deliver(raw);
  return until('a thread', async () => (await list()).find((id) => !before.has(id)), 3_000).catch(() => '');
}

export default async function main(only: string[]): Promise<void> {
  mkdirSync('screenshots/mail', { recursive: true });
  const parley = await Parley.start();
  const browser = await launch();
  try {
    const inbox = await inboxId(parley);
    const mails: [string, Buffer][] = [
      ...ugly.map((f): [string, Buffer] => [basename(f).replace(/\.\w+$/, ''), readFileSync(join(corpora, f))]),
      ...Object.entries({
        invitation: odd.invitation(),
        accepted: odd.accepted(),
        'with-mail': odd.withMail(),
        newsletter: odd.newsletter(),
        signed: odd.signed(),
        encrypted: odd.encrypted(),
        bcc: odd.blindCopy(),
        spam: odd.judged('spam=FAIL', 'You have won'),
        ...made(corpora),
        virus: odd.judged('virus=FAIL, dmarc=FAIL', 'Your parcel'),
      }),
    ];
    const threads: [string, string][] = [];
    for (const [name, raw] of mails.filter(([n]) => only.length === 0 || only.includes(n))) {
      const id = await send(parley, inbox, raw);
      if (id) threads.push([name, id]);
      else console.log(`${name}: no thread`);
    }
    for (const theme of ['light', 'dark'] as const) {
      const { page, trouble } = await open(browser, { colorScheme: theme });
      await page.goto(parley.ready.inbox);
      await signIn(page, parley);
      await pictures(page, `${parley.ready.inbox}inbox/${inbox}/open`, theme, threads);
      if (trouble.length) console.log(trouble.join('\n'));
    }
  } finally {
    await browser.close();
    await parley.stop();
  }
}

async function pictures(page: Page, base: string, theme: string, threads: [string, string][]): Promise<void> {
  for (const [width, height] of [
    [1440, 1300],
    [390, 1500],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const [i, [name, id]] of threads.entries()) {
      await page.goto(`${base}/${id}`);
      await page.getByRole('log').waitFor();
      await page.waitForTimeout(500);
      await page.screenshot({ path: `screenshots/mail/${theme}-${width}-${String(i).padStart(2, '0')}-${name}.png` });
    }
  }
}
