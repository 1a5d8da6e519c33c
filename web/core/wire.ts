/**
 * The shapes that cross the wire. Schemas are generated from the Go API (api.gen.ts) and only named here; frames are no part of OpenAPI.
 * Owns: names the browser uses for them. Never: logic. Imported by: everything.
 */
import type { Actor, Delivery, Entry, InboxView, Notice, Summary } from './api.gen';

export type {
  Account,
  Actor,
  Address,
  ApiProblem,
  Attachment,
  Body,
  BodyOutBody as MailBody,
  Calendar,
  Change,
  ChannelsOutBody as ChannelPage,
  ChannelView,
  ChatView,
  Check,
  Condition,
  ConfigOutBody as Config,
  ConnectInBody as Connection,
  Contact,
  Counts,
  Delivery,
  Draft,
  DraftBody,
  DraftFile,
  DraftPageOutBody as DraftPage,
  EditInBody as ChannelEdit,
  Email,
  EntriesOutBody as EntryPage,
  Entry,
  Filters,
  Fit,
  Flow,
  LedgerDay,
  LedgerOutBody as Ledger,
  LinkOutBody as Link,
  Listed,
  ListedDraft,
  ListedOutBody as ListedPage,
  ListedThread as Row,
  ListOutBody as ThreadPage,
  MentionIn as Mention,
  MessageReceived,
  MessageSent,
  NewUpload,
  Notice,
  NoticesOutBody as NoticePage,
  Participant,
  Prefs,
  Problem,
  Quarantined,
  QuarantineOutBody as QuarantinePage,
  Recipient,
  Rule,
  Session as Grant,
  Snippet,
  Summary,
  Targeting,
  Team,
  ThreadView,
  TicketOutBody as Ticket,
  TryOutBody as Tried,
  User,
  Verdict,
  Why,
  Widget,
} from './api.gen';
/** An inbox with its accounts, as the API shows it. */
export type Inbox = InboxView;

/** Views of work, and the two where mail is put aside. */
export const views = ['mine', 'unassigned', 'open', 'closed', 'undelivered', 'filtered', 'spam'] as const;
export type View = (typeof views)[number];

/** The lists of senders of an inbox. */
export type ListName = 'allow' | 'deny';

/** Where a conversation stands besides its status; "" is the inbox. */
export type Folder = '' | 'filtered' | 'spam' | 'trash';

/** Who does something at the moment. */
export interface Party {
  kind: 'agent' | 'visitor';
  id?: string;
  name?: string;
}

/** A frame from the server (functions/websocket, shared/live). */
export type Frame =
  | { t: 'watching'; topics: string[] }
  | { t: 'entries'; thread: string; seq: number; entries: Entry[]; head: Summary }
  | { t: 'thread'; inbox: string; head: Summary }
  | { t: 'delivery'; thread: string; seq: number; delivery: Delivery }
  | { t: 'typing'; thread: string; who: Party }
  | { t: 'seen'; thread: string; seq: number; who: Party }
  | { t: 'viewing'; thread: string; viewers: Party[] }
  | { t: 'visitor'; thread: string; online: boolean }
  | { t: 'notice'; thread: string; seq: number; notice: Notice; show?: boolean }
  | { t: 'sync'; thread?: string }
  | { t: 'pong' }
  | { t: 'error'; code: string; detail: string };

/** Reports whether a thread belongs in a view of `me`. */
export function inView(head: Summary, view: View, me: string): boolean {
  if (view === 'filtered' || view === 'spam') return head.folder === view;
  if (head.folder) return false;
  if (view === 'undelivered') return !!head.undelivered;
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
