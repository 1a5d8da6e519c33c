/** The frame of every signed-in page: rail, views, the state of the line, the list of keys. */
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { CircleHelp, Inbox, MessageCircle, ShieldAlert } from 'lucide-react';
import { createContext, useContext, useMemo, useState } from 'react';
import { AccountMenu } from '~/app/AccountMenu';
import { HelpDialog } from '~/app/HelpDialog';
import { LineBanner } from '~/app/LineBanner';
import { useT } from '~/app/locale';
import { useShortcuts } from '~/app/shortcuts';
import { useInbox, useUnread } from '~/app/unread';
import { ViewNav } from '~/features/inbox/ViewNav';
import { Dialog } from '~/ui/Dialog';
import { Icon } from '~/ui/Icon';
import s from './Shell.module.css';

/** Opens the drawer of views where there is no room for the column. */
const DrawerContext = createContext<() => void>(() => {});
export const useViewsDrawer = () => useContext(DrawerContext);

export function Shell() {
  const { t } = useT();
  const [help, setHelp] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const thread = useParams({ strict: false }).thread;
  const inbox = useInbox();
  const unread = useUnread(inbox?.id);
  useShortcuts({ '?': () => setHelp(true) });
  const openDrawer = useMemo(() => () => setDrawer(true), []);
  const label = unread > 0 ? t('rail.inboxUnread', { count: unread }) : t('rail.inbox');
  return (
    <DrawerContext value={openDrawer}>
      <a href="#main" className={s.skip}>
        {t('rail.skip')}
      </a>
      <div className={s.app} data-pane={thread ? 'thread' : 'list'}>
        <nav className={s.rail} aria-label={t('rail.label')}>
          <div className={s.logo} aria-hidden="true">
            <Icon as={MessageCircle} />
          </div>
          <Link to="/" aria-label={label} title={label} data-here={!!inbox || undefined}>
            <Icon as={Inbox} />
            {unread > 0 && <i className={s.dot} />}
          </Link>
          <Link
            to="/quarantine"
            aria-label={t('view.quarantine')}
            title={t('view.quarantine')}
            className={s.small}
            activeProps={{ 'data-here': true }}
          >
            <Icon as={ShieldAlert} />
          </Link>
          <span className={s.space} />
          <button type="button" className={s.wide} aria-label={t('help.title')} title={`${t('help.title')} (?)`} onClick={() => setHelp(true)}>
            <Icon as={CircleHelp} />
          </button>
          <div className={s.account}>
            <AccountMenu compact openHelp={() => setHelp(true)} />
          </div>
        </nav>
        <div className={s.views}>
          <ViewNav openHelp={() => setHelp(true)} />
        </div>
        <div className={s.stage}>
          <LineBanner />
          <Outlet />
        </div>
      </div>
      <Dialog open={drawer} onClose={() => setDrawer(false)} title={t('view.label')} side="left">
        <ViewNav onPick={() => setDrawer(false)} openHelp={() => setHelp(true)} drawer />
      </Dialog>
      <HelpDialog open={help} close={() => setHelp(false)} />
    </DrawerContext>
  );
}
