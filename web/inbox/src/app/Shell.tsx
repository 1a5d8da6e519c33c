/** The frame of every signed-in page: rail, views or settings, the state of the line, the list of keys. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useParams } from '@tanstack/react-router';
import { Bell, CircleHelp, Inbox, MessageCircle, Settings2, ShieldAlert, Users } from 'lucide-react';
import { createContext, lazy, Suspense, useContext, useMemo, useState } from 'react';
import { AccountMenu } from '~/app/AccountMenu';
import { LineBanner } from '~/app/LineBanner';
import { useT } from '~/app/locale';
import { noticesQuery } from '~/app/queries';
import { useQuarantine, useWorksSomewhere } from '~/app/rights';
import { useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { useInbox, useUnread } from '~/app/unread';
import { useWrite } from '~/app/write';
import { ViewNav } from '~/features/inbox/ViewNav';
import { Dialog } from '~/ui/Dialog';
import { Icon } from '~/ui/Icon';
import s from './Shell.module.css';

const HelpDialog = lazy(async () => ({ default: (await import('~/app/HelpDialog')).HelpDialog }));
const Ring = lazy(async () => ({ default: (await import('~/features/notices/Ring')).Ring }));
const SettingsNav = lazy(async () => ({ default: (await import('~/features/settings/SettingsNav')).SettingsNav }));

/** Opens the drawer with the column beside the rail, views or settings, where there is no room for it. */
const DrawerContext = createContext<() => void>(() => {});
export const useNavDrawer = () => useContext(DrawerContext);

export function Shell() {
  const { t } = useT();
  const [help, setHelp] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const { thread, section, flow } = useParams({ strict: false });
  const Nav = section || flow ? SettingsNav : ViewNav;
  const people = useLocation({ select: (l) => /^\/(contacts|companies)(\/|$)/.test(l.pathname) });
  const inbox = useInbox();
  const unread = useUnread(inbox?.id);
  const write = useWrite();
  const quarantine = useQuarantine();
  const writes = useWorksSomewhere();
  useShortcuts({ '?': () => setHelp(true), ...(writes ? { c: write } : {}) });
  const openDrawer = useMemo(() => () => setDrawer(true), []);
  const label = unread > 0 ? t('rail.inboxUnread', { count: unread }) : t('rail.inbox');
  return (
    <DrawerContext value={openDrawer}>
      <a href="#main" className={s.skip}>
        {t('rail.skip')}
      </a>
      <div className={s.app} data-pane={thread ? 'thread' : 'list'} data-wide={!!flow || undefined}>
        <nav className={s.rail} aria-label={t('rail.label')}>
          <div className={s.logo} aria-hidden="true">
            <Icon as={MessageCircle} />
          </div>
          <Link to="/" aria-label={label} title={label} data-here={!!inbox || undefined}>
            <Icon as={Inbox} />
            {unread > 0 && <i className={s.dot} />}
          </Link>
          {quarantine && (
            <Link
              to="/quarantine"
              aria-label={t('view.quarantine')}
              title={t('view.quarantine')}
              className={s.small}
              activeProps={{ 'data-here': true }}
            >
              <Icon as={ShieldAlert} />
            </Link>
          )}
          <Link to="/contacts" aria-label={t('people.title')} title={t('people.title')} data-here={people || undefined}>
            <Icon as={Users} />
          </Link>
          <NoticesLink />
          <span className={s.space} />
          <Link to="/settings" aria-label={t('settings.title')} title={t('settings.title')} data-here={!!section || !!flow || undefined}>
            <Icon as={Settings2} />
          </Link>
          <button type="button" className={s.wide} aria-label={t('help.title')} title={`${t('help.title')} (?)`} onClick={() => setHelp(true)}>
            <Icon as={CircleHelp} />
          </button>
          <div className={s.account}>
            <AccountMenu compact openHelp={() => setHelp(true)} />
          </div>
        </nav>
        <div className={s.views}>
          <Suspense fallback={null}>
            <Nav openHelp={() => setHelp(true)} />
          </Suspense>
        </div>
        <div className={s.stage}>
          <LineBanner />
          <Outlet />
        </div>
      </div>
      <Dialog open={drawer} onClose={() => setDrawer(false)} title={t(section || flow ? 'settings.title' : 'view.label')} side="left">
        <Suspense fallback={null}>
          <Nav onPick={() => setDrawer(false)} openHelp={() => setHelp(true)} drawer />
        </Suspense>
      </Dialog>
      <Suspense fallback={null}>
        <Ring />
      </Suspense>
      {help && (
        <Suspense>
          <HelpDialog open close={() => setHelp(false)} />
        </Suspense>
      )}
    </DrawerContext>
  );
}

/** The bell, with a dot while something was not seen. */
function NoticesLink() {
  const { t } = useT();
  const { api } = useServices();
  const count = useInfiniteQuery(noticesQuery(api)).data?.pages[0]?.unseen.count ?? 0;
  const label = count > 0 ? t('notices.count', { count }) : t('notices.title');
  return (
    <Link to="/notices" aria-label={label} title={label} activeProps={{ 'data-here': true }}>
      <Icon as={Bell} />
      {count > 0 && <i className={s.dot} />}
    </Link>
  );
}
