/**
 * The shapes that cross the wire. Schemas are generated from the Go API (api.gen.ts) and only named here; frames are no part of OpenAPI.
 * Owns: names the browser uses for them. Never: logic. Imported by: everything.
 */
import type { Actor, Delivery, Entry, InboxView, Summary } from './api.gen';

export type {
  Account,
  Actor,
  Address,
  ApiProblem,
  Attachment,
  Body,
  BodyOutBody as MailBody,
  Change,
  ConfigOutBody as Config,
  Contact,
  Counts,
  Delivery,
  EntriesOutBody as EntryPage,
  Entry,
  LinkOutBody as Link,
  ListedThread as Row,
  ListOutBody as ThreadPage,
  MessageReceived,
  MessageSent,
  Participant,
  Problem,
  Quarantined,
  Recipient,
  Session as Grant,
  Summary,
  ThreadView,
  TicketOutBody as Ticket,
  User,
  Why,
} from './api.gen';
/** An inbox with its accounts, as the API shows it. */
export type Inbox = InboxView;

export const views = ['mine', 'unassigned', 'open', 'closed'] as const;
export type View = (typeof views)[number];

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
