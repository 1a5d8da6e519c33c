/**
 * What is being written, before it is sent.
 * Owns: the shape of a draft in the browser, when one counts as empty, how it travels to the server and back. Never: keeping (keeper.ts).
 */
import type { FirstLetter, Letter } from './api';
import type { Address, Draft, DraftBody, DraftFile } from './wire';

export interface Written {
  /** rich text of a message to people outside; '' for one that is plain */
  html: string;
  /** the same as plain text; all there is of a note, a chat message, or a letter without any form */
  text: string;
  /** undefined: as the server proposes */
  to?: Address[];
  cc?: Address[];
  bcc?: Address[];
  subject: string;
  account: string;
  files: DraftFile[];
  /** seq of the message that is passed on, 0 for none */
  forwards: number;
  leaveOut: number[];
}

export const blank: Written = { html: '', text: '', subject: '', account: '', files: [], forwards: 0, leaveOut: [] };

/** Nothing that would be a loss: a list of recipients that was only proposed is none. */
export function isBlank(w: Written, signature = ''): boolean {
  const bare = (s: string) => s.replace(/\s+/g, '');
  const said = bare(w.text);
  return (said === '' || said === bare(signature)) && !/<img/i.test(w.html) && w.files.length === 0 && !w.subject.trim() && !w.bcc?.length;
}

export function toServer(w: Written): DraftBody {
  return {
    ...(w.html ? { html: w.html } : w.text ? { text: w.text } : {}),
    ...(w.to?.length ? { to: w.to } : {}),
    ...(w.cc?.length ? { cc: w.cc } : {}),
    ...(w.bcc?.length ? { bcc: w.bcc } : {}),
    ...(w.subject ? { subject: w.subject } : {}),
    ...(w.account ? { account: w.account } : {}),
    ...(w.files.length ? { attachments: w.files } : {}),
    ...(w.forwards ? { forwards: w.forwards } : {}),
    ...(w.leaveOut.length ? { leaveOut: w.leaveOut } : {}),
  };
}

/** `plain` makes text of rich text: that takes a page. */
export function fromServer(d: Draft, plain: (html: string) => string): Written {
  return {
    html: d.html ?? '',
    text: d.html ? plain(d.html) : (d.text ?? ''),
    to: d.to,
    cc: d.cc,
    bcc: d.bcc,
    subject: d.subject ?? '',
    account: d.account ?? '',
    files: d.attachments ?? [],
    forwards: d.forwards ?? 0,
    leaveOut: d.leaveOut ?? [],
  };
}

/** The uploads that a text shows as pictures. */
export function shownIn(html: string): Set<string> {
  return new Set([...html.matchAll(/src="cid:([0-9a-z]+)"/g)].map((m) => m[1] ?? ''));
}

/**
 * Rich text as a mail carries it: lines are divisions, because mail programs put a blank line around what is a paragraph, and the field does not.
 * `fieldHTML` is the way back.
 */
export function mailHTML(field: string): string {
  return field.replace(/<p><\/p>/g, '<div><br></div>').replace(/<(\/?)p>/g, '<$1div>');
}

export function fieldHTML(mail: string): string {
  return mail.replace(/<div><br><\/div>/g, '<p></p>').replace(/<(\/?)div>/g, '<$1p>');
}

const escaped = (s: string) => s.replace(/[&<>]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : '&gt;'));

/** Plain text as the field has it. */
export function paragraphs(text: string): string {
  return text
    .split('\n')
    .map((l) => `<p>${escaped(l)}</p>`)
    .join('');
}

/** The letter that a draft becomes. */
export function letterOf(w: Written, draft: string): Letter {
  const { files } = w;
  return {
    ...(w.html ? { html: mailHTML(w.html) } : { text: w.text }),
    ...(w.to ? { to: w.to } : {}),
    ...(w.cc?.length ? { cc: w.cc } : {}),
    ...(w.bcc?.length ? { bcc: w.bcc } : {}),
    ...(files.length ? { attachments: files.map(({ upload, entry, n, name }) => ({ upload, entry, n, name })) } : {}),
    ...(w.forwards ? { forwards: w.forwards, ...(w.leaveOut.length ? { leaveOut: w.leaveOut } : {}) } : {}),
    ...(draft ? { draft } : {}),
  };
}

export function firstLetterOf(w: Written, id: string, draft: string): FirstLetter {
  return { ...letterOf(w, draft), account: w.account, subject: w.subject.trim(), to: w.to ?? [], ...(draft ? { draftId: id } : {}) };
}

/** Addresses of a line: "a@x.example, B <b@x.example>"; a comma inside quotes separates nothing. */
export function addresses(line: string): Address[] {
  return (line.match(/(?:"[^"]*"|[^,;\n"])+/g) ?? [])
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const m = /^(.*?)\s*<([^<>]*)>$/.exec(part);
      const name = m?.[1]?.replace(/^"|"$/g, '').trim();
      return m ? { ...(name ? { name } : {}), email: (m[2] ?? '').trim() } : { email: part };
    });
}

/** Whether it looks like an address. The server is the judge. */
export function looksRight(a: Address): boolean {
  return /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]{2,}$/.test(a.email) || /^[^\s@<>,;"]+@[^\s@.<>,;"]*localhost$/.test(a.email);
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0', apos: "'" };

/** Plain text of what the composer wrote, near enough to compare and to preview. */
export function plainOf(html: string): string {
  return html
    .replace(/\s*\n\s*/g, ' ')
    .replace(/<(?:br|hr)\b[^>]*>/gi, '\n')
    .replace(/<\/(?:p|div|li|h[1-6]|blockquote|pre|tr)>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, dec?: string, hex?: string, name?: string) => {
      const code = dec ? Number(dec) : hex ? Number.parseInt(hex, 16) : 0;
      if (name) return entities[name.toLowerCase()] ?? all;
      return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : all;
    })
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
