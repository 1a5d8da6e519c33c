/**
 * The shapes that cross the wire. Schemas are generated from the Go API (api.gen.ts); what stands here is only named or narrowed.
 * Owns: names the browser uses for them. Never: logic. Imported by: everything.
 */
import type { Actor, Address, Delivery, Entry, Summary } from './api.gen';

export type {
  Actor,
  Address,
  Attachment,
  Body,
  Contact,
  Delivery,
  Entry,
  MessageReceived,
  MessageSent,
  Problem,
  Recipient,
  Summary,
  Why,
} from './api.gen';

/** A signed-in user. */
export interface User {
  id: string;
  name: string;
  email: string;
  role: string;
}

/** A channel's instance, such as one support address. */
export interface Account {
  id: string;
  inbox: string;
  channel: string;
  name: string;
  address: string;
}

export interface Inbox {
  id: string;
  name: string;
  accounts: Account[];
}

export const views = ['mine', 'unassigned', 'open', 'closed'] as const;
export type View = (typeof views)[number];

/** Exact up to 99; beyond that `more` is set. */
export interface Count {
  count: number;
  more: boolean;
}
export type Counts = Record<View, Count>;

/** One row of a list: unread while thread.seq > readSeq. */
export interface Row {
  thread: Summary;
  readSeq: number;
}

export interface ThreadPage {
  threads: Row[];
  next: string;
}

export interface Participant {
  name?: string;
  email: string;
}

/** A thread with the newest page of its log, ascending. `more` says older entries exist. */
export interface ThreadView {
  thread: Summary;
  readSeq: number;
  participants: Participant[];
  replyTo: Address[];
  entries: Entry[];
  more: boolean;
}

/** What every change of a thread answers. */
export interface Change {
  entries: Entry[];
  thread: Summary;
}

export interface QuarantinedMail {
  id: string;
  at: string;
  reason: string;
  from: string;
  subject: string;
  to: string;
  size: number;
}

export interface Config {
  issuer: string;
  clientId: string;
  scopes: string;
  product: string;
  mailDomain: string;
}

export interface Ticket {
  ticket: string;
  url: string;
  protocol: string;
}

/** A frame from the server (functions/websocket, shared/live). */
export type Frame =
  | { t: 'watching'; topics: string[] }
  | { t: 'entries'; thread: string; seq: number; entries: Entry[]; head: Summary }
  | { t: 'thread'; inbox: string; head: Summary }
  | { t: 'delivery'; thread: string; seq: number; delivery: Delivery }
  | { t: 'sync'; thread?: string }
  | { t: 'pong' }
  | { t: 'error'; code: string; detail: string };

/** Reports whether a thread belongs in a view of `me`. */
export function inView(head: Summary, view: View, me: string): boolean {
  if (view === 'closed') return head.status === 'closed';
  if (head.status === 'closed') return false;
  if (view === 'mine') return head.assignee?.id === me;
  if (view === 'unassigned') return !head.assignee;
  return true;
}

/** The name to show for an actor. */
export function actorName(a: Actor): string {
  return a.name || a.id || '';
}
