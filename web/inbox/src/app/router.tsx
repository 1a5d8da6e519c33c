/** The routes. Inbox, view and thread stand in the URL, so that every place can be shared and the back button works. */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { laterWords, useT } from '~/app/locale';
import { inboxesQuery } from '~/app/queries';
import { Shell } from '~/app/Shell';
import type { Services } from '~/app/services';
import { Failure } from '~/ui/Empty';
import { viewOf } from '~core/wire';
import { NoInbox, NotFound } from './places';

const lastInbox = 'parley.inbox';

const root = createRootRouteWithContext<Services>()({ component: Shell, notFoundComponent: NotFound, errorComponent: RouteFailure });

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: NoInbox,
  loader: async ({ context }) => {
    const { inboxes } = await context.query.ensureQueryData(inboxesQuery(context.api));
    const inbox = inboxes.find((i) => i.id === localStorage.getItem(lastInbox)) ?? inboxes[0];
    if (inbox) throw redirect({ to: '/inbox/$inbox/$view/{-$thread}', params: { inbox: inbox.id, view: 'open' }, replace: true });
  },
});

export const inboxRoute = createRoute({
  getParentRoute: () => root,
  path: '/inbox/$inbox/$view/{-$thread}',
  component: lazyRouteComponent(() => import('~/features/inbox/InboxPage'), 'InboxPage'),
  beforeLoad: ({ params }) => {
    if (!viewOf(params.view)) throw redirect({ to: '/inbox/$inbox/$view/{-$thread}', params: { ...params, view: 'open' } });
    localStorage.setItem(lastInbox, params.inbox);
  },
  // What is asked of an inbox is asked by who sees it. Without an answer the page says for itself what is wrong.
  loader: ({ context }) => context.query.ensureQueryData({ ...inboxesQuery(context.api), retry: false }).catch(() => undefined),
});

export const quarantineRoute = createRoute({
  getParentRoute: () => root,
  path: '/quarantine',
  validateSearch: (search): { show?: 'resolved' } => (search.show === 'resolved' ? { show: 'resolved' } : {}),
  component: lazyRouteComponent(() => import('~/features/quarantine/QuarantinePage'), 'QuarantinePage'),
  loader: laterWords,
});

export const writeRoute = createRoute({
  getParentRoute: () => root,
  path: '/write/$draft',
  component: lazyRouteComponent(() => import('~/features/composer/NewMailPage'), 'NewMailPage'),
});

const drafts = createRoute({
  getParentRoute: () => root,
  path: '/drafts',
  component: lazyRouteComponent(() => import('~/features/drafts/DraftsPage'), 'DraftsPage'),
});

const notices = createRoute({
  getParentRoute: () => root,
  path: '/notices',
  component: lazyRouteComponent(() => import('~/features/notices/NoticesPage'), 'NoticesPage'),
});

export const contactsRoute = createRoute({
  getParentRoute: () => root,
  path: '/contacts',
  validateSearch: (search): { list?: string } => (typeof search.list === 'string' && search.list ? { list: search.list } : {}),
  component: lazyRouteComponent(() => import('~/features/people/ContactsPage'), 'ContactsPage'),
  loader: laterWords,
});

export const contactRoute = createRoute({
  getParentRoute: () => root,
  path: '/contacts/$contact',
  component: lazyRouteComponent(() => import('~/features/people/ContactPage'), 'ContactPage'),
  loader: laterWords,
});

const companies = createRoute({
  getParentRoute: () => root,
  path: '/companies',
  component: lazyRouteComponent(() => import('~/features/companies/CompaniesPage'), 'CompaniesPage'),
  loader: laterWords,
});

export const companyRoute = createRoute({
  getParentRoute: () => root,
  path: '/companies/$company',
  component: lazyRouteComponent(() => import('~/features/companies/CompanyPage'), 'CompanyPage'),
  loader: laterWords,
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  beforeLoad: async ({ context }) => {
    const { sections, shows } = await import('~/features/settings/sections');
    const first = sections.find((x) => shows(x, context.session.user?.role ?? 'viewer'));
    throw redirect({ to: '/settings/$section/{-$item}', params: { section: first?.id ?? '', item: undefined }, replace: true });
  },
});

export const settingsRoute = createRoute({
  getParentRoute: () => root,
  path: '/settings/$section/{-$item}',
  component: lazyRouteComponent(() => import('~/features/settings/SettingsPage'), 'SettingsPage'),
  loader: laterWords,
});

export const botRoute = createRoute({
  getParentRoute: () => root,
  path: '/settings/chat/$account/$flow',
  component: lazyRouteComponent(() => import('~/features/bots/BotPage'), 'BotPage'),
  loader: laterWords,
});

function RouteFailure({ error, reset }: ErrorComponentProps) {
  const { t } = useT();
  return <Failure title={t('error.page')} error={error} retry={reset} />;
}

export function createAppRouter(context: Services) {
  return createRouter({
    routeTree: root.addChildren([
      index,
      inboxRoute,
      quarantineRoute,
      writeRoute,
      drafts,
      notices,
      contactsRoute,
      contactRoute,
      companies,
      companyRoute,
      settings,
      settingsRoute,
      botRoute,
    ]),
    context,
    defaultErrorComponent: RouteFailure,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
