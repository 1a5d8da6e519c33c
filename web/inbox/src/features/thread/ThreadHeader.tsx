import { useQuery } from '@tanstack/react-query';
import {
  Ban,
  Check,
  ChevronDown,
  ChevronLeft,
  CircleDashed,
  Ellipsis,
  Inbox,
  Mail,
  MessageCircle,
  PanelRight,
  RotateCcw,
  ShieldX,
} from 'lucide-react';
import { useT } from '~/app/locale';
import { usePresence } from '~/app/presence';
import { usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { useInbox } from '~/app/unread';
import { Avatar } from '~/ui/Avatar';
import { Button, IconButton, Kbd } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { Tag } from '~/ui/Tag';
import type { Summary } from '~core/wire';
import type { ThreadActions } from './actions';
import { assignable } from './assignable';
import { contactName } from './contact';
import s from './ThreadHeader.module.css';

interface Props {
  head: Summary;
  actions: ThreadActions;
  back: () => void;
  assigning: boolean;
  setAssigning: (open: boolean) => void;
  openDetails: () => void;
}

export function ThreadHeader({ head, actions, back, assigning, setAssigning, openDetails }: Props) {
  const { t } = useT();
  const account = useInbox()?.accounts.find((a) => a.id === head.account);
  const closed = head.status === 'closed';
  return (
    <header className={s.head}>
      <IconButton label={t('thread.back')} className={s.back} onClick={back}>
        <Icon as={ChevronLeft} size="l" />
      </IconButton>
      <div className={s.who}>
        <h2 title={head.subject}>{head.subject || t('thread.noSubject')}</h2>
        <div className={s.sub}>
          <span>
            <Icon as={head.channel === 'chat' ? MessageCircle : Mail} size="xs" />
            {account?.address || account?.name || t('thread.email')}
            {head.channel === 'chat' && <VisitorThere thread={head.id} />}
          </span>
          <span className={s.name}>{contactName(head, t)}</span>
          {closed && <Tag>{t('thread.closed')}</Tag>}
          {head.folder && <Tag tone="warn">{t(`view.${head.folder}`)}</Tag>}
        </div>
      </div>
      <FileMenu head={head} actions={actions} />
      <AssignMenu head={head} actions={actions} open={assigning} setOpen={setAssigning} />
      <IconButton label={t('details.label')} className={s.details} onClick={openDetails}>
        <Icon as={PanelRight} />
      </IconButton>
      <Button className={s.status} onClick={() => actions.toggleStatus(head)} title={`${t(closed ? 'thread.reopen' : 'thread.close')} (e)`}>
        <Icon as={closed ? RotateCcw : Check} size="s" />
        <span>{t(closed ? 'thread.reopen' : 'thread.close')}</span>
      </Button>
    </header>
  );
}

/** Whether the visitor of a chat has its page open. */
function VisitorThere({ thread }: { thread: string }) {
  const { t } = useT();
  const { live } = useServices();
  const { visitor } = usePresence(live.presence, thread);
  if (visitor === undefined) return null;
  return <Tag tone={visitor ? 'ok' : 'plain'}>{t(visitor ? 'chat.there' : 'chat.gone')}</Tag>;
}

/** Out of the inbox and back. */
function FileMenu({ head, actions }: { head: Summary; actions: ThreadActions }) {
  const { t } = useT();
  const address = head.contact.address;
  const spam = head.folder === 'spam';
  const items = [
    ...(head.folder
      ? [{ value: 'inbox', label: t(spam ? 'thread.notSpam' : 'thread.toInbox'), icon: <Icon as={Inbox} size="s" />, hint: <Kbd>m</Kbd> }]
      : []),
    ...(spam ? [] : [{ value: 'spam', label: t('thread.spam'), icon: <Icon as={Ban} size="s" />, hint: <Kbd>!</Kbd> }]),
    ...(spam || !address ? [] : [{ value: 'block', label: t('thread.spamBlock', { address }), icon: <Icon as={ShieldX} size="s" /> }]),
  ];
  return (
    <Menu
      onSelect={(v) => (v === 'inbox' ? actions.file(head, '') : actions.file(head, 'spam', v === 'block'))}
      groups={[{ items }]}
      trigger={
        <IconButton label={t('thread.more')}>
          <Icon as={Ellipsis} />
        </IconButton>
      }
    />
  );
}

function AssignMenu({ head, actions, open, setOpen }: { head: Summary; actions: ThreadActions; open: boolean; setOpen: (o: boolean) => void }) {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const users = useQuery(usersQuery(api));
  const a = head.assignee;
  const label = a ? t('assign.change', { name: a.name || a.id }) : t('assign.none');
  const items = assignable(users.data ?? [], me.id).map((u) => ({
    value: u.id,
    label: u.id === me.id ? t('assign.me', { name: u.name }) : u.name,
    icon: <Avatar id={u.id} name={u.name} address={u.email} size="xs" />,
    checked: u.id === a?.id,
  }));
  return (
    <Menu
      open={open}
      onOpenChange={(o) => {
        setOpen(o);
        if (o && users.isError) void users.refetch();
      }}
      onSelect={(v) => actions.assign(head, v === 'nobody' ? '' : v)}
      head={users.isError ? <span role="alert">{t('assign.failed')}</span> : undefined}
      groups={[
        { label: t('assign.label'), items },
        { items: [{ value: 'nobody', label: t('assign.nobody'), icon: <Icon as={CircleDashed} size="s" />, checked: !a }] },
      ].filter((g) => g.items.length)}
      trigger={
        <Button aria-label={label} title={`${label} (a)`} className={s.assign}>
          {a ? <Avatar id={a.id} name={a.name} size="xs" /> : <Icon as={CircleDashed} size="s" />}
          <Icon as={ChevronDown} size="xs" />
        </Button>
      }
    />
  );
}
