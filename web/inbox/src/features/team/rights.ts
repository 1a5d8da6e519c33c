/**
 * What the roles may do, in the words of a team: each right is some operations of the API, by their ids (functions/agentapi/permissions.go).
 * Owns: which operations are one right, and their order. Never: who may what, that is the server's answer. Imported by: RolesPage.
 */
import type { Key } from '~/app/locale';
import type { RoleView } from '~core/wire';

export interface Right {
  label: Key;
  needs: string[];
}

export interface RightGroup {
  label: Key;
  rights: Right[];
}

const right = (label: Key, needs: string): Right => ({ label, needs: needs.split(' ') });

export const rightGroups: RightGroup[] = [
  {
    label: 'rights.conversations',
    rights: [
      right(
        'rights.read',
        'listInboxes countInbox listThreads getThread listEntries getBody getRaw getAttachment markRead getBotWalk listTickets getLedger getFilters listFilterEntries findFilterEntry',
      ),
      right(
        'rights.answer',
        'beginThread sendMessage releaseMessage retryMessage withdrawMessage getThreadDrafts putThreadDraft deleteThreadDraft listDrafts getDraft putDraft deleteDraft createUpload getUpload deleteUpload fillSnippet getSuppressed liftSuppression',
      ),
      right('rights.note', 'addComment seeMention'),
      right(
        'rights.work',
        'assignThread bulkThreads tagThread setPriority snoozeThread wakeThread moveThread setStatus fileThread seeUndelivered setContact setBot',
      ),
      right('rights.tickets', 'makeTicket putTicket'),
      right('rights.block', 'addFilterEntry removeFilterEntry'),
      right('rights.quarantine', 'listQuarantine getQuarantined getQuarantinedRaw reprocessQuarantined reprocessQuarantine'),
    ],
  },
  {
    label: 'rights.contacts',
    rights: [
      right(
        'rights.people',
        'listContacts searchContacts suggestContacts getContact listPastThreads listPages listTimeline listDuplicates listPairs listLists listCompanies getCompany listCompanyThreads listProperties',
      ),
      right(
        'rights.editPeople',
        'createContact editContact keepContact addAlias removeAlias keepApart mergeContacts unmergeContacts addNote editNote deleteNote addConsent createList putList deleteList createCompany editCompany',
      ),
      right('rights.imports', 'previewImport startImport listImports getImport listBadRows undoImport exportContacts'),
      right('rights.erase', 'eraseContact listErasures getErasure'),
      right('rights.properties', 'createProperty putProperty setHomeCountry'),
    ],
  },
  {
    label: 'rights.settings',
    rights: [
      right(
        'rights.look',
        'listUsers listTeams getLoad listRoles getWorkspace getSetup listHours listTags listSnippets listArticles tryArticles listChannels getChannel listChats getChat tryPage getBot getBotVersion getBotNumbers listBotTemplates',
      ),
      right('rights.seeRouting', 'getRouting'),
      right('rights.snippets', 'createSnippet putSnippet deleteSnippet'),
      right('rights.articles', 'createArticle putArticle deleteArticle'),
      right('rights.newTags', 'createTag'),
      right('rights.tags', 'putTag deleteTag'),
      right('rights.teams', 'createTeam putTeam deleteTeam'),
      right('rights.capacity', 'setCapacity setAvailabilityOf'),
      right('rights.hours', 'createHours putHours deleteHours setInboxHours'),
      right('rights.routing', 'putRouting tryRouting'),
      right('rights.flows', 'createFlow putFlow deleteFlow orderFlows'),
      right('rights.bots', 'putBotDraft checkBot driveBot publishBot rollBackBot'),
      right('rights.members', 'inviteUser setAccess setRole handOver'),
      right('rights.inboxes', 'createInbox renameInbox setMembers'),
      right(
        'rights.channels',
        'connectChannel editChannel disconnectChannel checkChannel testChannel dismissConfirmation createChat putWidget setFilters getWebhookKey',
      ),
      right('rights.workspace', 'putWorkspace listChanges'),
    ],
  },
  {
    label: 'rights.self',
    rights: [
      right('rights.profile', 'getMe setSignature putProfile createTicket getNotices seeNotices getNotificationPrefs putNotificationPrefs'),
      right('rights.available', 'setAvailability'),
    ],
  },
];

/** Operations that some role may call and that are in no right: newer than this page. */
export function others(roles: RoleView[]): string[] {
  const known = new Set(rightGroups.flatMap((g) => g.rights.flatMap((r) => r.needs)));
  return [...new Set(roles.flatMap((r) => r.may))].filter((o) => !known.has(o)).sort();
}
