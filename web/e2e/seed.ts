/** Conversations as a small shop has them, told by SMTP and the API. */
import { type Parley, until } from './parley';

interface Listed {
  threads: { thread: { id: string; subject: string } }[];
}

export async function inboxId(p: Parley): Promise<string> {
  const { inboxes } = await p.api<{ inboxes: { id: string }[] }>('/inboxes');
  return inboxes[0]?.id ?? '';
}

/** The id of the thread with this subject, once it is there. */
export async function threadOf(p: Parley, subject: string, view = 'open'): Promise<string> {
  const inbox = await inboxId(p);
  return until(`a thread "${subject}"`, async () => {
    const { threads } = await p.api<Listed>(`/inboxes/${inbox}/threads?view=${view}&limit=100`);
    return threads.find((t) => t.thread.subject === subject)?.thread.id;
  });
}

export const change = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'idempotency-key': crypto.randomUUID() },
});

const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==';

/** A newsletter-like mail: inline style, a picture of its own, a remote one, a link, a file, and things that must not run. */
export function htmlMail(remote: string): { headers: Record<string, string>; body: string } {
  const html = `<html><body><div style="color: rgb(12, 34, 56); font-size: 18px">Hello <b>team</b>,</div>
<p>the label came out <span style="background-color: #ffe08a">yellow</span>. <a href="https://shop.example/orders/77">Order 77</a></p>
<img alt="own" width="40" height="40" src="cid:dot@shop"><img alt="far" width="40" height="40" src="${remote}">
<script>parent.hacked = 1</script><img src="x" onerror="parent.hacked = 1"><a href="javascript:parent.hacked=1">tap</a>
<table bgcolor="#eeeeee" width="100%"><tr><td>One</td><td align="right">49 €</td></tr></table></body></html>`;
  const part = (type: string, text: string, extra = '') => `--MIX\r\nContent-Type: ${type}\r\n${extra}\r\n${text}\r\n`;
  const body = `${part('text/html; charset=utf-8', html)}${part('image/png; name="dot.png"', dot, 'Content-Transfer-Encoding: base64\r\nContent-ID: <dot@shop>\r\nContent-Disposition: inline; filename="dot.png"\r\n')}${part('application/pdf; name="label.pdf"', 'JVBERi0xLjQK', 'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="label.pdf"\r\n')}--MIX--\r\n`;
  return { headers: { 'Content-Type': 'multipart/related; boundary="MIX"' }, body };
}

const people = [
  [
    'Tomás Becerra <tomas@becerra.example>',
    'SSO login loops back to the sign-in page',
    'Since this morning our whole team ends up on the sign-in page again.',
  ],
  ['Aiko Watanabe <aiko@watanabe.example>', 'Invoice for March', 'Could you send the invoice for March again? The PDF is empty.'],
  ['Jonas Pfeiffer <jonas.p@pfeiffer.example>', 'Export takes an hour', 'The export of last year takes more than an hour. Is that expected?'],
  ['Ravi Kulkarni <ravi@kulkarni.example>', 'Webhook retries', 'We see webhooks twice since the update. Logs are attached below.'],
  ['Esi Mensah <esi@mensah.example>', 'Data processing agreement', 'Signed copy attached, please send yours back.'],
  ['Hugo Carlier <hugo@carlier.example>', 'Merci', 'Parfait, merci beaucoup pour votre aide !'],
  ['Sunniva Nilsen <sunniva@nilsen.example>', 'Feature request: keyboard-only triage', 'I would love to go through the inbox without the mouse.'],
  ['olu@balogun.example', 'API limits', 'What are the limits of the API for a small shop like ours?'],
] as const;

/** Fills an inbox for pictures and for the checks of every state. */
export async function seed(p: Parley): Promise<void> {
  for (const [from, subject, text] of [...people].reverse()) await p.mail({ from, subject, text });
  await p.mail({ from: 'Mina Ito <mina@ito.example>', subject: 'Label is yellow', text: '', ...htmlMail('https://remote.invalid/pixel.png') });
  const subject = 'Charged twice after upgrade';
  const lena = 'Lena Novak <lena@atelier-novak.example>';
  const text =
    'Hi! I upgraded from Solo to Team yesterday and my card was charged twice: 49 € and then 79 €. Will the first be refunded?\n\nBest wishes\nLena';
  const first = await p.mail({ from: lena, subject, text, headers: { Cc: 'Accounts <accounts@atelier-novak.example>' } });
  const id = await threadOf(p, subject);
  const { users } = await p.api<{ users: { id: string; name: string }[] }>('/users');
  const me = await p.api<{ id: string }>('/me');
  await p.api(`/threads/${id}/assignee`, change('PUT', { agent: me.id }));
  await p.api(
    `/threads/${id}/comments`,
    change('POST', { text: 'The 49 € is the Solo renewal, it ran an hour before the upgrade. You can refund it straight from the ticket.' }),
  );
  await p.api(
    `/threads/${id}/messages`,
    change('POST', { text: 'Hi Lena,\n\nI have started a refund of 49 €. It should be back on your card in 3 to 5 days.' }),
  );
  const out = await until('the reply', async () => (await p.sentMail()).find((m) => m.subject.includes(subject)));
  await p.mail({
    from: lena,
    subject: `Re: ${subject}`,
    text: 'Great, that was quick. Can I get a corrected invoice too?\n\nOn Sun, 22 Nov 2026 at 10:07, Support wrote:\n> Hi Lena,\n>\n> I have started a refund of 49 €.',
    headers: { 'In-Reply-To': `<${out.messageId.replace(/^<|>$/g, '')}>`, References: `${first} <${out.messageId.replace(/^<|>$/g, '')}>` },
  });
  await until('her answer', async () => (await p.api<{ thread: { messages: number } }>(`/threads/${id}`)).thread.messages === 3);
  const other = users.find((u) => u.id !== me.id);
  if (other) await p.api(`/threads/${await threadOf(p, 'Webhook retries')}/assignee`, change('PUT', { agent: other.id }));
  await p.api(`/threads/${await threadOf(p, 'Merci')}/status`, change('PUT', { status: 'closed' }));
}
