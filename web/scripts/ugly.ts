/** Mail as it looks at its worst, for mail-pictures: what the corpora lack. Shapes of real programs, words of nobody. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { odd } from '../e2e/odd';

const many = <T>(n: number, of: (i: number) => T) => Array.from({ length: n }, (_, i) => of(i));
const page = (subject: string, html: string, from?: string) =>
  odd({ subject, from, headers: ['Content-Type: text/html; charset=utf-8', 'Content-Transfer-Encoding: 8bit'], body: [html] });
const plain = (subject: string, lines: string[], type = 'text/plain; charset=utf-8', from?: string) =>
  odd({ subject, from, headers: [`Content-Type: ${type}`, 'Content-Transfer-Encoding: 8bit'], body: lines });
/** base64 in lines of 76 */
const wrapped = (raw: Buffer) => raw.toString('base64').match(/.{1,76}/g) ?? [];

/** Word's HTML, as Outlook sends it: namespaces, conditional comments, lists by hand, an answer above a chain. */
function word(): Buffer {
  const item = (n: number, text: string) =>
    `<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span></span><![endif]>Punkt ${n}: ${text}<o:p></o:p></p>`;
  const cell = (text: string) =>
    `<td width=151 valign=top style='width:4.0cm;border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt'><p class=MsoNormal>${text}<o:p></o:p></p></td>`;
  const head = (from: string, n: number) =>
    `<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b><span lang=DE>Von:</span></b><span lang=DE> ${from} &lt;n${n}@firma.example&gt; <br><b>Gesendet:</b> Montag, ${n}. November 2026 09:1${n}<br><b>An:</b> Support &lt;support@parley.example&gt;<br><b>Betreff:</b> AW: Angebot 4711<o:p></o:p></span></p></div>`;
  return page(
    'AW: Angebot 4711',
    `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!--
@font-face{font-family:Calibri;panose-1:2 15 5 2 2 2 4 3 2 4;} p.MsoNormal{margin:0cm;font-size:11.0pt;font-family:"Calibri",sans-serif;} --></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head><body lang=DE link="#0563C1" vlink="#954F72" style='word-wrap:break-word'><div class=WordSection1>
<p class=MsoNormal><span style='mso-fareast-language:EN-US'>Guten Tag Frau Weber,<o:p></o:p></span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>anbei unsere Anmerkungen:<o:p></o:p></p>${many(3, (n) => item(n + 1, 'Lieferung bis Freitag')).join('')}
<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse;border:none'>${many(3, (r) => `<tr>${['Artikel', 'Menge', 'Preis'].map((c) => cell(r ? `${c} ${r}` : `<b>${c}</b>`)).join('')}</tr>`).join('')}</table>
<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Mit freundlichen Grüßen<o:p></o:p></p><p class=MsoNormal><b><span style='font-size:10.0pt;font-family:"Arial",sans-serif;color:#1F497D'>Sabine Krüger</span></b><o:p></o:p></p><p class=MsoNormal><span style='font-size:8.0pt;color:gray'>Muster Handels GmbH · Amtsgericht Köln HRB 12345<br>Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, vernichten Sie diese E-Mail.<o:p></o:p></span></p>
${head('Support', 3)}<p class=MsoNormal>Guten Tag, hier unser Angebot.<o:p></o:p></p>${head('Sabine Krüger', 2)}<p class=MsoNormal>Bitte um ein Angebot.<o:p></o:p></p></div></body></html>`,
    'Sabine Krüger <krueger@firma.example>',
  );
}

const shot = 'https://cdn.shop-news.example';

/** A newsletter: tables in tables, 600 px, a hidden preview, spacers, columns, pictures of strangers. */
function campaign(): Buffer {
  const product = (n: number) =>
    `<td width="180" valign="top" style="padding:10px"><img src="${shot}/p${n}.jpg" width="160" height="160" alt="Product ${n}" style="display:block;border:0"><p style="margin:8px 0 0;font:14px/20px Arial;color:#333333">Linen shirt ${n}<br><b style="color:#c0392b">€ 4${n}.90</b></p></td>`;
  return page(
    'Up to 50 % off everything you love',
    `<body style="margin:0;padding:0;background-color:#f4f4f4" bgcolor="#f4f4f4"><div style="display:none;max-height:0;overflow:hidden">Only until Sunday &zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;</div>
<table width="100%" border="0" cellspacing="0" cellpadding="0" bgcolor="#f4f4f4"><tr><td align="center"><table width="600" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="width:600px;min-width:600px"><tr><td align="center" bgcolor="#0b3d2e" style="padding:24px"><img src="${shot}/logo.png" width="140" height="40" alt="SHOP NEWS" style="color:#ffffff;font:bold 20px Arial"></td></tr>
<tr><td><img src="${shot}/hero.jpg" width="600" height="280" alt="Up to 50 % off" style="display:block"></td></tr><tr><td height="20" style="font-size:1px;line-height:1px"><img src="${shot}/spacer.gif" width="1" height="20"></td></tr><tr><td><table width="100%"><tr>${many(3, product).join('')}</tr><tr>${many(3, (n) => product(n + 3)).join('')}</tr></table></td></tr>
<tr><td align="center" style="padding:20px"><table cellpadding="0" cellspacing="0"><tr><td bgcolor="#c0392b" style="border-radius:4px"><a href="https://shop-news.example/x" style="display:inline-block;padding:14px 40px;color:#ffffff;font:bold 16px Arial;text-decoration:none">SHOP NOW</a></td></tr></table></td></tr><tr><td align="center" bgcolor="#222222" style="padding:20px;font:11px/16px Arial;color:#999999">You get this because you bought something. <a href="https://shop-news.example/unsubscribe" style="color:#cccccc">Unsubscribe</a></td></tr></table></td></tr></table><img src="${shot}/open.gif?u=1" width="1" height="1"></body>`,
    'Shop News <news@shop-news.example>',
  );
}

/** White on black, where the black is the body's, which no cut-out of a page has. */
const darkBody = () =>
  page(
    'Your invoice is ready (dark)',
    `<body bgcolor="#101418" text="#f5f5f5" style="background-color:#101418;color:#f5f5f5;font-family:Arial"><h2 style="color:#ffffff">Invoice 2026-1107</h2><p>Dear customer, this month you used <b>42 hours</b>.</p><p style="color:#9fb3c8">Due on 3 December.</p><a href="https://dark.example/pay" style="color:#7dd3fc">Pay now</a></body>`,
    'Night Hosting <billing@dark.example>',
  );

/** White on black, where only a style sheet says so. */
const darkSheet = () =>
  page(
    'Build failed on main (style sheet)',
    `<head><style>body{background:#0d1117} .box{background:#161b22;padding:24px;border-radius:8px} .muted{color:#8b949e} a{color:#58a6ff} @media (max-width:600px){.box{padding:8px}}</style></head><body><div class="box"><h2 style="color:#fff">Build failed</h2><p style="color:#ffffff">main · 3f9c2e1 · 4 min 12 s</p><p class="muted">Step “test” ended with 1.</p><a href="https://ci.example/1">Open the log</a></div></body>`,
    'CI <ci@ci.example>',
  );

const wide = () =>
  page(
    'Stock list week 48',
    `<p>Please find the stock below.</p><table border="1" width="2400" cellpadding="4" style="border-collapse:collapse;font:12px Arial">${many(12, (r) => `<tr>${many(24, (c) => `<td nowrap>${r ? `${r * 100 + c} pcs in hall ${c}` : `<b>Warehouse ${c}</b>`}</td>`).join('')}</tr>`).join('')}</table><p>Regards</p>`,
  );

/** A picture of 4,000 × 120 px that says so in its attributes, with a sentence before and behind. */
function giant(): Buffer {
  const gif = Buffer.from('R0lGODlhAQABAIAAAMLCwv///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
  return odd({
    subject: 'Screenshot of the error',
    headers: ['Content-Type: multipart/related; boundary="PART"'],
    body: [
      '--PART',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>This is what I see:</p><p><img src="cid:big@x" width="4000" height="3000" style="width:4000px;height:3000px;min-width:4000px"></p><p>And in a cell: </p><table width="600"><tr><td><img src="cid:big@x" width="2000" height="400"></td></tr></table><p>What now?</p>',
      '--PART',
      'Content-Type: image/gif; name="screen.gif"',
      'Content-Transfer-Encoding: base64',
      'Content-ID: <big@x>',
      'Content-Disposition: inline; filename="screen.gif"',
      '',
      ...wrapped(gif),
      '--PART--',
    ],
  });
}

const arabic = 'السلام عليكم، طلبت منتجًا الأسبوع الماضي (رقم الطلب 4711) ولم يصل حتى الآن. هل يمكنكم مساعدتي؟';
const hebrew = 'שלום, הזמנתי מוצר בשבוע שעבר (הזמנה 4711) והוא עדיין לא הגיע. תוכלו לעזור?';
const rtl = () =>
  page(
    'طلب رقم 4711',
    `<div dir="rtl" style="font-family:Tahoma"><p>${arabic}</p><ul><li>القميص</li><li>الحذاء</li></ul><blockquote>${arabic}</blockquote></div>`,
    'ليلى حداد <layla@haddad.example>',
  );
const rtlPlain = () =>
  plain(
    'הזמנה 4711',
    [hebrew, '', arabic, '', 'Order 4711, thank you!', '', '‏ב־יום ב׳, 23 בנוב׳ 2026 ב-9:12 מאת ‪Support‬‏ <‪support@parley.example‬‏>:‬', '', `> ${hebrew}`],
    undefined,
    'דנה לוי <dana@levi.example>',
  );
const cjk = () =>
  plain(
    '注文番号4711について',
    [
      'お世話になっております。株式会社見本の山田です。',
      '',
      `先日注文した商品がまだ届いておりません。${'配送状況をご確認いただけますでしょうか。'.repeat(8)}`,
      '',
      '以上、よろしくお願いいたします。',
      '',
      '━━━━━━━━━━━━━━━━━━━━━━',
      '株式会社見本　営業部　山田 太郎',
      '〒100-0001 東京都千代田区千代田1-1',
      'TEL: 03-0000-0000',
      '━━━━━━━━━━━━━━━━━━━━━━',
      '',
      '-----Original Message-----',
      'From: Support <support@parley.example>',
      'Sent: Monday, November 23, 2026 9:12 AM',
      'To: 山田 太郎',
      'Subject: 注文',
      '',
      'ご注文ありがとうございます。',
    ],
    undefined,
    '山田 太郎 <yamada@mihon.example>',
  );

const flowed = () =>
  plain(
    'Re: The plan for December',
    [
      'We could open the shop earlier, on the first Sunday of the month, if ',
      'the staff agrees; I have asked them and most of them do, but there are ',
      'two who cannot.',
      '',
      '> On Mon, Mara wrote:',
      '> We should decide about the opening hours soon, because the printer ',
      '> wants to know before Friday.',
      '>> Earlier still, Karl wrote that he needs ',
      '>> to know it, too.',
      '',
      'I would say: nine.',
    ],
    'text/plain; charset=utf-8; format=flowed; delsp=no',
  );

/** Three hundred lines of an argument, fourteen levels deep. */
const chain = () =>
  plain('Re: Re: Re: Re: Who owns the key?', [
    'I have no key.',
    '',
    ...many(300, (i) =>
      i % 22 === 0
        ? `${'>'.repeat(Math.floor(i / 22))} On ${(i % 28) + 1} November 2026, Person ${i} wrote:`.trimStart()
        : `${'>'.repeat(Math.floor(i / 22) + 1)} Line ${i} of the long argument about the key and who has it.`,
    ),
  ]);

const deep = () => {
  const level = (n: number): string =>
    `<div dir="ltr">Answer ${n}: the key is with the person before me.</div><br>${n ? `<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, ${n} Nov 2026 at 09:0${n % 10}, Person ${n} &lt;<a href="mailto:p${n}@x.example">p${n}@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">${level(n - 1)}</blockquote></div>` : ''}`;
  return page('Re: Who owns the key? (HTML)', level(25));
};

const unbroken = () =>
  page(
    'Reset your password',
    `<p>Click: <a href="https://sso.example/reset?t=${'a1B2'.repeat(200)}">https://sso.example/reset?t=${'a1B2'.repeat(200)}</a></p><pre>${'no-spaces-'.repeat(80)}\n\tindented\n</pre><p style="white-space:nowrap">${'never wrap this line '.repeat(30)}</p><h1 style="font-size:64px;line-height:64px">Unbelievablylongheadline</h1>`,
  );

/** Positions, negative margins, fixed heights and a viewport unit: what pages do and mail must not. */
const overlay = () =>
  page(
    'You have a new message',
    `<div style="position:fixed;top:0;left:0;width:100vw;height:100vh;background:#c00;z-index:9999">CLICK HERE</div><div style="margin-top:-200px;margin-left:-80px;background:#ffe08a;padding:20px">pulled out of its place</div><p style="font-size:0">hidden</p><p style="line-height:0">line<br>over<br>line</p><p style="font-size:300px;color:#ccc">BIG</p><marquee>moving</marquee><p>The end.</p>`,
  );

const crowd = () =>
  odd({
    subject:
      'Minutes of the meeting of the board of the association of friends of the library, with all enclosures, corrected for the second time, please ignore the first one',
    to: many(60, (i) => `Member Number ${i} <member.number.${i}@association.example>`).join(',\r\n '),
    headers: [`Cc: ${many(20, (i) => `guest${i}@guests.example`).join(',\r\n ')}`, 'Content-Type: multipart/mixed; boundary="PART"'],
    body: [
      '--PART',
      'Content-Type: text/plain',
      '',
      'See the enclosures.',
      ...many(24, (i) => [
        '--PART',
        `Content-Type: application/pdf; name="Enclosure ${i} to the minutes of the meeting of the board, corrected.pdf"`,
        'Content-Disposition: attachment',
        '',
        'x',
      ]).flat(),
      '--PART--',
    ],
  });

/** winmail.dat of MimeKit's corpus, as Outlook wraps it. */
const tnef = (corpora: string) =>
  odd({
    subject: 'Files from Outlook',
    headers: ['Content-Type: multipart/mixed; boundary="PART"'],
    body: [
      '--PART',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'Two files are with this.',
      '--PART',
      'Content-Type: application/ms-tnef; name="winmail.dat"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="winmail.dat"',
      '',
      ...wrapped(readFileSync(resolve(corpora, 'mimekit-tnef/two-files.tnef'))),
      '--PART--',
    ],
  });

/** A mail in a mail in a mail. */
function nested(): Buffer {
  const inner = (n: number): string[] =>
    n === 0
      ? ['Content-Type: text/plain', '', 'The innermost words.']
      : [
          `Content-Type: multipart/mixed; boundary="N${n}"`,
          '',
          `--N${n}`,
          'Content-Type: text/plain',
          '',
          `Level ${n}.`,
          `--N${n}`,
          'Content-Type: message/rfc822',
          '',
          `From: Person ${n} <p${n}@x.example>`,
          `Subject: Level ${n - 1} of the story`,
          'Date: Mon, 23 Nov 2026 09:12:00 +0100',
          ...inner(n - 1),
          `--N${n}--`,
        ];
  return odd({ subject: 'Fwd: the whole story', headers: inner(3).slice(0, 1), body: inner(3).slice(2) });
}

/** All of them, by name. */
export const ugly = (corpora: string): Record<string, Buffer> => ({
  word: word(),
  campaign: campaign(),
  'dark-body': darkBody(),
  'dark-sheet': darkSheet(),
  wide: wide(),
  giant: giant(),
  rtl: rtl(),
  'rtl-plain': rtlPlain(),
  cjk: cjk(),
  flowed: flowed(),
  chain: chain(),
  deep: deep(),
  unbroken: unbroken(),
  overlay: overlay(),
  crowd: crowd(),
  tnef: tnef(corpora),
  nested: nested(),
});
