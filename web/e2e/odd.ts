/** Mail as it really comes beside letters: invitations, lists, machines, sealed and broken ones. Each is a whole message, ready for DATA. */

interface Odd {
  subject: string;
  from?: string;
  to?: string;
  headers?: string[];
  body: string[];
}

let made = 0;

/** A message with the header that every one has. `made` keeps Message-IDs apart. */
export function odd({ subject, from = 'Lena Novak <lena@atelier-novak.example>', to = 'support@parley.localhost', headers = [], body }: Odd): Buffer {
  const head = [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    'Date: Tue, 24 Nov 2026 09:12:00 +0100',
    `Message-ID: <odd-${++made}-${crypto.randomUUID()}@sender.example>`,
    'MIME-Version: 1.0',
    ...headers,
  ];
  return Buffer.from([...head, '', ...body].join('\r\n'));
}

const part = (type: string, lines: string[], ...more: string[]) => ['--PART', `Content-Type: ${type}`, ...more, '', ...lines];

/** A meeting on 3 December 2026, 15:00 to 16:30 UTC. */
export function invitation(method = 'REQUEST', extra: string[] = []): Buffer {
  const event = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Example//EN',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    'UID:kickoff-1@atelier-novak.example',
    'DTSTAMP:20261124T081200Z',
    'DTSTART:20261203T150000Z',
    'DTEND:20261203T163000Z',
    'SUMMARY:Kick-off for the new shop',
    'LOCATION:Studio\\, Trubarjeva 7\\, Ljubljana',
    'ORGANIZER;CN=Lena Novak:mailto:lena@atelier-novak.example',
    ...extra,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  const invited = 'ATTENDEE;CN=Support;PARTSTAT=NEEDS-ACTION:mailto:support@parley.localhost';
  const lines = method === 'REPLY' ? event : event.toSpliced(-2, 0, invited);
  return odd({
    subject: method === 'REPLY' ? 'Accepted: Kick-off for the new shop' : 'Invitation: Kick-off for the new shop',
    headers: ['Content-Type: multipart/alternative; boundary="PART"'],
    body: [
      ...part('text/plain; charset=utf-8', ['Please join us for the kick-off. The plan is attached to the invitation.']),
      ...part(`text/calendar; charset=utf-8; method=${method}`, lines),
      '--PART--',
    ],
  });
}

export const accepted = () => invitation('REPLY', ['ATTENDEE;CN=Aiko Watanabe;PARTSTAT=ACCEPTED:mailto:aiko@watanabe.example']);

/** A mail with another mail as a file, and a picture that its text does not show. */
export function withMail(): Buffer {
  return odd({
    subject: 'The supplier wrote this',
    headers: ['Content-Type: multipart/mixed; boundary="PART"'],
    body: [
      ...part('text/plain; charset=utf-8', ['See the attached mail. Can we still change the order?']),
      ...part(
        'message/rfc822',
        [
          'From: Orders <orders@supplier.example>',
          'To: lena@atelier-novak.example',
          'Subject: Your order 4711 has left our house',
          'Date: Mon, 23 Nov 2026 16:40:00 +0100',
          'Content-Type: text/plain',
          '',
          'It is on its way.',
        ],
        'Content-Disposition: attachment',
      ),
      '--PART--',
    ],
  });
}

export function newsletter(): Buffer {
  return odd({
    subject: 'Five ideas for your December shop window',
    from: 'Window Weekly <news@window-weekly.example>',
    headers: [
      'List-Id: Window Weekly <weekly.window-weekly.example>',
      'List-Unsubscribe: <https://window-weekly.example/off>',
      'Precedence: bulk',
      'Content-Type: text/plain; charset=utf-8',
    ],
    body: ['Five ideas for your shop window.', '', 'Unsubscribe: https://window-weekly.example/off'],
  });
}

export function outOfOffice(inReplyTo?: string): Buffer {
  const answer = inReplyTo ? [`In-Reply-To: ${inReplyTo}`, `References: ${inReplyTo}`] : [];
  return odd({
    subject: 'Automatic reply: Charged twice',
    headers: ['Auto-Submitted: auto-replied', ...answer, 'Content-Type: text/plain; charset=utf-8'],
    body: ['I am out of the office until Monday.'],
  });
}

export function signed(): Buffer {
  return odd({
    subject: 'Signed offer',
    headers: ['Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="PART"'],
    body: [
      ...part('text/plain; charset=utf-8', ['Our offer stands until Friday.']),
      ...part('application/pkcs7-signature; name="smime.p7s"', ['MIIB'], 'Content-Transfer-Encoding: base64'),
      '--PART--',
    ],
  });
}

export function encrypted(): Buffer {
  return odd({
    subject: 'Confidential',
    from: 'Esi Mensah <esi@mensah.example>',
    headers: ['Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="PART"'],
    body: [
      ...part('application/pgp-encrypted', ['Version: 1']),
      ...part('application/octet-stream; name="encrypted.asc"', ['-----BEGIN PGP MESSAGE-----', '', 'hQEMA0', '-----END PGP MESSAGE-----']),
      '--PART--',
    ],
  });
}

export function blindCopy(): Buffer {
  return odd({
    subject: 'For your eyes',
    from: 'Ravi Kulkarni <ravi@kulkarni.example>',
    to: 'Partner <partner@kulkarni.example>',
    headers: ['Content-Type: text/plain; charset=utf-8'],
    body: ['They do not know that you read this.'],
  });
}

/** What the scanners said: infra/local/ses reads it at the door, as SES would say it. */
export function judged(verdict: string, subject: string, text = 'You have won.', from = 'Prize Office <win@lottery.example>'): Buffer {
  return odd({ subject, from, headers: [`X-Parley-Verdict: ${verdict}`, 'Content-Type: text/plain; charset=utf-8'], body: [text] });
}

/** A delivery status notification about a mail of ours. */
export function bounce(messageId: string, to: string): Buffer {
  return odd({
    subject: 'Undelivered Mail Returned to Sender',
    from: 'Mail Delivery System <MAILER-DAEMON@mx.atelier-novak.example>',
    headers: ['Content-Type: multipart/report; report-type=delivery-status; boundary="PART"'],
    body: [
      ...part('text/plain; charset=us-ascii', [`The mail to ${to} could not be delivered.`]),
      ...part('message/delivery-status', [
        'Reporting-MTA: dns; mx.atelier-novak.example',
        '',
        `Final-Recipient: rfc822; ${to}`,
        'Action: failed',
        'Status: 5.2.2',
        'Diagnostic-Code: smtp; 552 5.2.2 Mailbox full',
      ]),
      ...part('message/rfc822', [`Message-ID: ${messageId}`, `To: ${to}`, 'Subject: Re: Charged twice', '', 'Hi Lena']),
      '--PART--',
    ],
  });
}
