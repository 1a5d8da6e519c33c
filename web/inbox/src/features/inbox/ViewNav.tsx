import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Ban, Check, ChevronDown, CircleDashed, Funnel, type LucideIcon, MailX, Menu as MenuIcon, PencilLine, ShieldAlert, User } from 'lucide-react';
import { AccountMenu } from '~/app/AccountMenu';
import { useT } from '~/app/locale';
import { countsQuery, inboxesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { useInbox } from '~/app/unread';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { type View, views } from '~core/wire';
import s from './ViewNav.module.css';

const icons: Record<View, LucideIcon> = {
  mine: User,
  unassigned: CircleDashed,
  open: MenuIcon,
  closed: Check,
  undelivered: MailX,
  filtered: Funnel,
  spam: Ban,
};

/** Which inbox, which view of it. Counts are exact to 99. */
export function ViewNav({ onPick, openHelp, drawer }: { onPick?: () => void; openHelp: () => void; drawer?: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const inboxes = useQuery(inboxesQuery(api));
  const current = useInbox() ?? inboxes.data?.[0];
  const counts = useQuery({ ...countsQuery(api, current?.id ?? ''), enabled: !!current });
  return (
    <nav className={`${s.views} ${drawer ? s.drawer : ''}`} aria-label={t('view.label')}>
      <InboxSwitch onPick={onPick} />
      <ul>
        {current &&
          views.map((v) => {
            const c = counts.data?.[v];
            const loud = (v === 'mine' || v === 'unassigned') && !!c?.count;
            return (
              <li key={v}>
                <Link
                  to="/inbox/$inbox/$view/{-$thread}"
                  params={{ inbox: current.id, view: v, thread: undefined }}
                  activeOptions={{ exact: false }}
                  activeProps={{ 'aria-current': 'page' }}
                  className={s.item}
                  onClick={onPick}
                >
                  <Icon as={icons[v]} size="s" />
                  {t(`view.${v}`)}
                  {!!c?.count && v !== 'closed' && <b className={loud ? s.loud : ''}>{c.more ? `${c.count}+` : c.count}</b>}
                </Link>
              </li>
            );
          })}
        <li>
          <Link to="/drafts" activeProps={{ 'aria-current': 'page' }} className={s.item} onClick={onPick}>
            <Icon as={PencilLine} size="s" />
            {t('view.drafts')}
          </Link>
        </li>
        <li>
          <Link to="/quarantine" activeProps={{ 'aria-current': 'page' }} className={s.item} onClick={onPick}>
            <Icon as={ShieldAlert} size="s" />
            {t('view.quarantine')}
          </Link>
        </li>
      </ul>
      <div className={s.foot}>
        <AccountMenu openHelp={openHelp} />
      </div>
    </nav>
  );
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
