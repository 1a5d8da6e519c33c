import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  AtSign,
  Ban,
  Check,
  ChevronDown,
  CircleDashed,
  Clock,
  Funnel,
  type LucideIcon,
  Mail,
  MailX,
  Menu as MenuIcon,
  MessageCircle,
  PencilLine,
  ShieldAlert,
  Trash2,
  User,
  UsersRound,
} from 'lucide-react';
import { AccountMenu } from '~/app/AccountMenu';
import { useT } from '~/app/locale';
import { countsQuery, inboxesQuery, teamsQuery } from '~/app/queries';
import { useMay, useQuarantine } from '~/app/rights';
import { useServices } from '~/app/services';
import { useInbox } from '~/app/unread';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { type Count, type FixedView, type View, views } from '~core/wire';
import s from './ViewNav.module.css';
import { countOf, useViewName } from './view';

const icons: Record<FixedView, LucideIcon> = {
  mine: User,
  unassigned: CircleDashed,
  mentions: AtSign,
  open: MenuIcon,
  snoozed: Clock,
  closed: Check,
  undelivered: MailX,
  filtered: Funnel,
  spam: Ban,
  trash: Trash2,
};

/** What is put aside stands below what there is to do. */
const aside: FixedView[] = ['undelivered', 'filtered', 'spam', 'trash'];

/** Which inbox, which view of it. Counts are exact to 99. */
export function ViewNav({ onPick, openHelp, drawer }: { onPick?: () => void; openHelp: () => void; drawer?: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const inboxes = useQuery(inboxesQuery(api));
  const current = useInbox() ?? inboxes.data?.[0];
  const counts = useQuery({ ...countsQuery(api, current?.id ?? ''), enabled: !!current }).data;
  const teams = useQuery(teamsQuery(api)).data ?? [];
  const name = useViewName(current);
  const writes = useMay('agent');
  const quarantine = useQuarantine();
  const item = (view: View, icon: LucideIcon) =>
    current && (
      <ViewItem key={view} inbox={current.id} view={view} icon={icon} count={countOf(counts, view)} onPick={onPick}>
        {name(view)}
      </ViewItem>
    );
  const used = teams.filter((g) => current?.members.teams?.includes(g.id) || countOf(counts, `team:${g.id}`)?.count);
  return (
    <nav className={`${s.views} ${drawer ? s.drawer : ''}`} aria-label={t('view.label')}>
      <InboxSwitch onPick={onPick} />
      <ul>
        {views.filter((v) => !aside.includes(v)).map((v) => item(v, icons[v]))}
        {writes && (
          <li>
            <Link to="/drafts" activeProps={{ 'aria-current': 'page' }} className={s.item} onClick={onPick}>
              <Icon as={PencilLine} size="s" />
              {t('view.drafts')}
              <CountOf count={counts?.drafts} />
            </Link>
          </li>
        )}
      </ul>
      <h2 className={s.group}>{t('view.aside')}</h2>
      <ul>
        {aside.map((v) => item(v, icons[v]))}
        {quarantine && (
          <li>
            <Link to="/quarantine" activeProps={{ 'aria-current': 'page' }} className={s.item} onClick={onPick}>
              <Icon as={ShieldAlert} size="s" />
              {t('view.quarantine')}
            </Link>
          </li>
        )}
      </ul>
      {used.length > 0 && (
        <>
          <h2 className={s.group}>{t('view.teams')}</h2>
          <ul>{used.map((g) => item(`team:${g.id}`, UsersRound))}</ul>
        </>
      )}
      {current && current.accounts.length > 1 && (
        <>
          <h2 className={s.group}>{t('view.channels')}</h2>
          <ul>{current.accounts.map((a) => item(`channel:${a.id}`, a.channel === 'chat' ? MessageCircle : Mail))}</ul>
        </>
      )}
      <div className={s.foot}>
        <AccountMenu openHelp={openHelp} />
      </div>
    </nav>
  );
}

interface ItemProps {
  inbox: string;
  view: View;
  icon: LucideIcon;
  count: Count | undefined;
  onPick?: () => void;
  children: string;
}

function ViewItem({ inbox, view, icon, count, onPick, children }: ItemProps) {
  const loud = view === 'mine' || view === 'unassigned' || view === 'mentions';
  return (
    <li>
      <Link
        to="/inbox/$inbox/$view/{-$thread}"
        params={{ inbox, view, thread: undefined }}
        activeOptions={{ exact: false }}
        activeProps={{ 'aria-current': 'page' }}
        className={s.item}
        onClick={onPick}
      >
        <Icon as={icon} size="s" />
        <span>{children}</span>
        {view !== 'closed' && view !== 'trash' && <CountOf count={count} loud={loud} />}
      </Link>
    </li>
  );
}

function CountOf({ count, loud }: { count: Count | undefined; loud?: boolean }) {
  if (!count?.count) return null;
  return <b className={loud ? s.loud : ''}>{count.more ? `${count.count}+` : count.count}</b>;
}

function InboxSwitch({ onPick }: { onPick?: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const navigate = useNavigate();
  const { data = [] } = useQuery(inboxesQuery(api));
  const current = useInbox() ?? data[0];
  if (!current) return <div className={s.name} />;
  if (data.length < 2) return <div className={s.name}>{current.name}</div>;
  const select = (id: string) => {
    void navigate({ to: '/inbox/$inbox/$view/{-$thread}', params: { inbox: id, view: 'open', thread: undefined } });
    onPick?.();
  };
  return (
    <Menu
      placement="bottom-start"
      onSelect={select}
      groups={[{ items: data.map((i) => ({ value: i.id, label: i.name, checked: i.id === current.id })) }]}
      trigger={
        <button type="button" className={`${s.name} ${s.switch}`} aria-label={t('view.switch', { name: current.name })}>
          {current.name}
          <Icon as={ChevronDown} size="s" />
        </button>
      }
    />
  );
}
