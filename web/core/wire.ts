/**
 * The shapes that cross the wire. Schemas are generated from the Go API (api.gen.ts) and only named here; frames are no part of OpenAPI.
 * Owns: names the browser uses for them. Never: logic. Imported by: everything.
 */
import type { Actor, BotFile, Delivery, Entry, InboxView, Notice, Summary, User } from './api.gen';

export type {
  Account,
  Actor,
  Address,
  AlikeView,
  ApiProblem,
  Article,
  ArticleBody,
  Attachment,
  BadRow,
  Body,
  BodyOutBody as MailBody,
  BotBranch,
  BotBubble,
  BotChoice,
  BotDraft,
  BotDraftOutBody as BotSaved,
  BotEffect,
  BotFile,
  BotFinding,
  BotGraph,
  BotOutBody as BotView,
  BotSays,
  BotSession,
  BotStep,
  BotTemplate,
  BotVersion,
  BranchTest,
  BulkChange,
  BulkResult,
  Calendar,
  Candidate,
  Change,
  ChangesOutBody as ChangesPage,
  ChannelsOutBody as ChannelPage,
  ChannelView,
  ChatView,
  Check,
  ColleagueThread,
  Company,
  CompanyEdit,
  CompanyView,
  Condition,
  ConfigOutBody as Config,
  ConnectInBody as Connection,
  Contact,
  ContactList,
  ContactsOutBody as ContactPage,
  ContactView,
  Count,
  Counts,
  Delivery,
  Device,
  DevicesOutBody as Devices,
  Draft,
  DraftBody,
  DraftFile,
  DraftPageOutBody as DraftPage,
  DriveInBody as DriveInput,
  DriveOutBody as Driven,
  EditInBody as ChannelEdit,
  Email,
  EntriesOutBody as EntryPage,
  Entry,
  Filters,
  Fit,
  Flow,
  HandoffStep,
  HandoverOutBody as HandedOver,
  HandoverTo,
  Hit as ArticleHit,
  HoursBody,
  HoursView,
  Import,
  ImportPreview,
  LedgerDay,
  LedgerOutBody as Ledger,
  LinkOutBody as Link,
  ListCondition,
  Listed,
  ListedDraft,
  ListedOutBody as ListedPage,
  ListedThread as Row,
  ListFields,
  ListOutBody as ThreadPage,
  LoadOutBody as Load,
  MembersInBody as MembersBody,
  MentionIn as Mention,
  MessageReceived,
  MessageSent,
  NewUpload,
  Notice,
  NoticesOutBody as NoticePage,
  Numbers as BotNumbers,
  Participant,
  PastOutBody as PastPage,
  Person,
  PersonEdit,
  PersonLine,
  Plan,
  PlanBody,
  PlanCondition,
  PlanRule,
  Prefs,
  Problem,
  Property,
  PropertyFields,
  Quarantined,
  QuarantineOutBody as QuarantinePage,
  QuestionStep,
  Recipient,
  RoleView,
  Routing,
  Rule,
  SeenPage,
  Session as Grant,
  SetFiltersInBody as FilterChange,
  SettingChange,
  SetupOutBody as Setup,
  Snippet,
  SnippetBody,
  Summary,
  Tag,
  TagBody,
  TagChange,
  TagRef,
  Target,
  Targeting,
  Team,
  TeamBody,
  ThreadView,
  Ticket,
  TicketOutBody as SocketTicket,
  TimelineItem,
  TimelineOutBody as TimelinePage,
  TryOutBody as Tried,
  TryPlanInBody as TryPlan,
  User,
  Verdict,
  WebhookStep,
  Why,
  Widget,
  WorkspaceInBody as WorkspaceBody,
} from './api.gen';
/** An inbox with its accounts, as the API shows it. */
export type Inbox = InboxView;

/** The views of every inbox, in the order of the nav: work, what is done, what is put aside. */
export const views = ['mine', 'unassigned', 'mentions', 'open', 'snoozed', 'closed', 'undelivered', 'filtered', 'spam', 'trash'] as const;
export type FixedView = (typeof views)[number];
/** Besides those, what is open of one account or of one team. */
export type View = FixedView | `channel:${string}` | `team:${string}`;

/** What a view is called in a URL, or undefined for something that is none. */
export function viewOf(name: string): View | undefined {
  return /^(channel|team):\w+$/.test(name) || views.some((v) => v === name) ? (name as View) : undefined;
}

/** A view taken apart: its kind, and the account or team it is of. */
export function partsOf(view: View): { kind: FixedView | 'channel' | 'team'; id: string } {
  const [kind = '', id = ''] = view.split(':');
  return { kind: kind as FixedView, id };
}

/** The lists of senders of an inbox. */
export type ListName = 'allow' | 'deny';

/** What somebody may do. */
export type Role = User['role'];

/** How urgent a conversation is; "" is normal. */
export type Priority = '' | 'low' | 'high' | 'urgent';

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
  | { t: 'notice'; thread: string; seq: number; notice: Notice; show?: boolean; push?: string[] }
  | { t: 'sync'; thread?: string }
  | { t: 'pong' }
  /** denied: access to the workspace has ended; notfound with thread or inbox: access to that has. */
  | { t: 'error'; code: string; detail: string; thread?: string; inbox?: string };

/** Reports whether a thread belongs in a view of `me`, as shared/store's views say. */
export function inView(head: Summary, view: View, me: string): boolean {
  const { kind, id } = partsOf(view);
  if (kind === 'mentions') return !!head.mentions?.includes(me);
  if (kind === 'undelivered') return !!head.undelivered;
  if (kind === 'filtered' || kind === 'spam' || kind === 'trash') return head.folder === kind;
  if (head.folder) return false;
  if (kind === 'snoozed') return !!head.snooze;
  if (kind === 'closed') return head.status === 'closed' && !head.snooze;
  if (head.status === 'closed' || head.snooze) return false;
  if (kind === 'mine') return head.assignee?.id === me;
  if (kind === 'unassigned') return !head.assignee && !head.bot;
  if (kind === 'channel') return head.account === id;
  if (kind === 'team') return head.team?.id === id;
  return true;
}

/** Where a bot's file is fetched, by visitors and by us. */
export const botFilePath = (account: string, f: BotFile): string => `/api/visitor/${encodeURIComponent(account)}/file/${encodeURIComponent(f.id)}`;

/** The name to show for an actor. */
export function actorName(a: Actor): string {
  return a.name || a.id || '';
}
