/**
 * What can be set. A new section is one entry here: it gets its place in the nav, its route /settings/<id> and its code on demand.
 * Owns: order, names, groups. Never: what a section shows. Imported by: SettingsNav, SettingsPage.
 */
import {
  Ban,
  Bell,
  BookOpen,
  CircleUser,
  Clock,
  FileUp,
  Hash,
  History,
  Inbox,
  KeyRound,
  ListTree,
  type LucideIcon,
  Mail,
  MessageCircle,
  ReceiptText,
  Rocket,
  Route,
  Tag,
  Users,
  UsersRound,
} from 'lucide-react';
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Key } from '~/app/locale';
import { atLeast } from '~/app/rights';
import type { Role } from '~core/wire';

export interface SectionProps {
  /** what stands behind the section in the URL, /settings/<section>/<item> */
  item?: string;
}

export interface Section {
  id: string;
  label: Key;
  icon: LucideIcon;
  /** the least role to which it has anything to say; absent for everybody */
  least?: Role;
  Page: LazyExoticComponent<ComponentType<SectionProps>>;
}

export interface Group {
  label: Key;
  sections: Section[];
}

export const groups: Group[] = [
  {
    label: 'settings.inbox',
    sections: [
      { id: 'start', label: 'settings.start', icon: Rocket, least: 'admin', Page: lazy(() => import('~/features/setup/SetupPage')) },
      { id: 'channels', label: 'settings.channels', icon: Mail, Page: lazy(() => import('~/features/channels/ChannelsPage')) },
      { id: 'chat', label: 'settings.chat', icon: MessageCircle, Page: lazy(() => import('~/features/chats/ChatsPage')) },
      { id: 'filters', label: 'settings.filters', icon: Ban, Page: lazy(() => import('~/features/filters/FiltersPage')) },
      { id: 'ledger', label: 'settings.ledger', icon: ReceiptText, Page: lazy(() => import('~/features/ledger/LedgerPage')) },
    ],
  },
  {
    label: 'settings.team',
    sections: [
      { id: 'members', label: 'settings.members', icon: Users, Page: lazy(() => import('~/features/team/MembersPage')) },
      { id: 'roles', label: 'settings.roles', icon: KeyRound, Page: lazy(() => import('~/features/team/RolesPage')) },
      { id: 'teams', label: 'settings.teams', icon: UsersRound, Page: lazy(() => import('~/features/team/TeamsPage')) },
      { id: 'inboxes', label: 'settings.inboxes', icon: Inbox, Page: lazy(() => import('~/features/team/InboxesPage')) },
      { id: 'routing', label: 'settings.routing', icon: Route, least: 'agent', Page: lazy(() => import('~/features/routing/RoutingPage')) },
      { id: 'hours', label: 'settings.hours', icon: Clock, Page: lazy(() => import('~/features/team/HoursPage')) },
      { id: 'articles', label: 'settings.articles', icon: BookOpen, Page: lazy(() => import('~/features/articles/ArticlesPage')) },
      { id: 'snippets', label: 'settings.snippets', icon: Hash, Page: lazy(() => import('~/features/team/SnippetsPage')) },
      { id: 'tags', label: 'settings.tags', icon: Tag, Page: lazy(() => import('~/features/team/TagsPage')) },
      {
        id: 'properties',
        label: 'settings.properties',
        icon: ListTree,
        least: 'admin',
        Page: lazy(() => import('~/features/properties/PropertiesPage')),
      },
      { id: 'imports', label: 'settings.imports', icon: FileUp, least: 'manager', Page: lazy(() => import('~/features/imports/ImportsPage')) },
      { id: 'changes', label: 'settings.changes', icon: History, least: 'admin', Page: lazy(() => import('~/features/team/ChangesPage')) },
    ],
  },
  {
    label: 'settings.you',
    sections: [
      { id: 'profile', label: 'settings.profile', icon: CircleUser, Page: lazy(() => import('~/features/profile/ProfilePage')) },
      { id: 'notifications', label: 'settings.notifications', icon: Bell, Page: lazy(() => import('~/features/notices/PrefsPage')) },
    ],
  },
];

export const sections: Section[] = groups.flatMap((g) => g.sections);

/** Whether a section is there for a role. */
export const shows = (x: Section, role: Role) => !x.least || atLeast(role, x.least);
