/**
 * What Parley concluded about a received mail, and why, in plain words.
 * Owns: which sentence stands for which rule and input. Never: deciding (functions/ingest does, and writes it on the entry), showing.
 * Imported by: WhyDialog, MailTags.
 */
import type { Key } from '~/app/locale';
import type { Values } from '~core/i18n';
import type { Address, Email, MessageReceived } from '~core/wire';
import { filedText } from './filed';
import { problemText } from './problems';

type T = (k: Key, v?: Values) => string;

export interface Part {
  title: Key;
  says: string[];
}

const person = (a: Address) => (a.name ? `${a.name} <${a.email}>` : a.email);

const placed: Record<string, Key> = {
  token: 'why.token',
  'in-reply-to': 'why.inReplyTo',
  references: 'why.references',
  referenced: 'why.referenced',
  report: 'why.report',
  new: 'why.new',
};

/** The parts of the explanation, in the order of the decisions. */
export function explain(m: MessageReceived, t: T): Part[] {
  return [
    { title: 'why.place', says: place(m, t) },
    { title: 'why.sender', says: sender(m, t) },
    { title: 'why.folder', says: folder(m, t) },
    { title: 'why.checks', says: checks(m, t) },
  ];
}

function place(m: MessageReceived, t: T): string[] {
  const rule = m.why?.rule ?? '';
  const inputs = m.why?.inputs ?? {};
  const values = { rule, id: inputs.messageId ?? '', recipient: inputs.recipient ?? m.email?.mailbox ?? '', subject: inputs.split ?? '' };
  const out = [t(inputs.split ? 'why.split' : (placed[rule] ?? 'why.unknown'), values)];
  const as = joined[inputs.joins ?? ''];
  if (as) out.push(t(as));
  if (m.email?.bcc) out.push(t('mail.bccWhy', { mailbox: m.email.mailbox ?? '' }));
  return out;
}

/** As whom the sender came onto a conversation that was there. */
const joined: Record<string, Key> = { agent: 'why.agent', participant: 'why.participant', 'third party': 'mail.thirdPartyWhy' };

function sender(m: MessageReceived, t: T): string[] {
  const out = [writtenBy(m, t)];
  if (m.email?.replyTo?.length) out.push(t('why.replyTo', { list: m.email.replyTo.map(person).join(', ') }));
  if (m.email?.list) out.push(t('why.list', { list: m.email.list }));
  if (m.email?.auto) out.push(t('why.auto', { rule: autoText(m.email, t) }));
  return out;
}

const writers: Record<string, Key> = {
  forwarded: 'why.forwarded',
  attached: 'why.attached',
  list: 'why.fromList',
  form: 'why.form',
  'reply-to': 'why.byReplyTo',
  nobody: 'why.nobody',
};

/** Who wrote it, and who stands between us and them. */
export function writtenBy(m: MessageReceived, t: T): string {
  const who = m.from.email || m.from.name ? person(m.from) : t('thread.someone');
  const via = m.via ? person(m.via) : '';
  const key = writers[m.why?.inputs?.sender ?? ''] ?? (m.via ? 'why.via' : 'why.from');
  return t(!m.via && key !== 'why.byReplyTo' && key !== 'why.nobody' ? 'why.from' : key, { who, via });
}

const autos: Record<string, Key> = {
  'auto-submitted': 'auto.submitted',
  precedence: 'auto.precedence',
  from: 'auto.from',
  subject: 'auto.subject',
  'list-id': 'auto.list',
  'list-unsubscribe': 'auto.list',
  bounce: 'auto.report',
  complaint: 'auto.report',
  receipt: 'auto.receipt',
  'null-return-path': 'auto.nullPath',
};

function autoText(e: Email, t: T): string {
  const key = autos[e.auto ?? ''];
  return key ? t(key) : t('auto.header', { name: e.auto ?? '' });
}

function folder(m: MessageReceived, t: T): string[] {
  const allowed = m.why?.inputs?.allowed;
  if (!m.filter) return [t(allowed ? 'why.allowed' : m.why?.inputs?.joins ? 'why.stayed' : 'why.inboxed', { entry: allowed ?? '' })];
  const to = t(m.filter.folder === 'spam' ? 'view.spam' : 'view.filtered');
  return [`${t(m.why?.inputs?.joins ? 'why.wouldBe' : 'why.putInto', { folder: to })} ${filedText(m.filter.why, t)}`];
}

function checks(m: MessageReceived, t: T): string[] {
  const out = (m.problems ?? []).map((p) => problemText(p, t));
  const c = m.email?.crypto;
  if (c) out.push(t(c.endsWith('encrypted') ? 'crypto.encryptedWhy' : 'crypto.signedWhy'));
  return out.length ? out : [t('why.clean')];
}
