import { Check, ChevronDown, ChevronLeft, CircleDashed, Clock, Mail, MessageCircle, PanelRight, RotateCcw } from 'lucide-react';
import { useT } from '~/app/locale';
import { usePresence } from '~/app/presence';
import { useServices } from '~/app/services';
import { useInbox } from '~/app/unread';
import { AssignMenu } from '~/features/work/AssignMenu';
import { type More, MoreMenu } from '~/features/work/MoreMenu';
import { PriorityTag } from '~/features/work/PriorityTag';
import { SnoozeMenu } from '~/features/work/SnoozeMenu';
import { Avatar } from '~/ui/Avatar';
import { Button, IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import type { Summary } from '~core/wire';
import type { ThreadActions } from './actions';
import { contactName } from './contact';
import s from './ThreadHeader.module.css';

/** The menu of a thread that is open; keys open them too. */
export type ThreadMenu = '' | 'assign' | 'snooze';

interface Props {
  head: Summary;
  /** they may work on it, not only look */
  works: boolean;
  actions: ThreadActions;
  back: () => void;
  menu: ThreadMenu;
  setMenu: (open: ThreadMenu) => void;
  more: (what: More) => void;
  openDetails: () => void;
}

export function ThreadHeader({ head, works, actions, back, menu, setMenu, more, openDetails }: Props) {
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
          <PriorityTag priority={head.priority} />
        </div>
      </div>
      {works && (
        <MoreMenu
          one={{ inbox: head.inbox, folder: head.folder ?? '', priority: head.priority ?? '', address: head.contact.address ?? '' }}
          inbox={head.inbox}
          folder={head.folder ?? ''}
          onPick={more}
        />
      )}
      {works && !closed && !head.folder && (
        <SnoozeMenu
          snoozed={!!head.snooze}
          onSnooze={(until) => actions.snooze(head, until)}
          onWake={actions.wake}
          open={menu === 'snooze'}
          setOpen={(o) => setMenu(o ? 'snooze' : '')}
          trigger={
            <IconButton label={`${t('snooze.title')} (s)`} className={s.snooze}>
              <Icon as={Clock} />
            </IconButton>
          }
        />
      )}
      {works && <Assign head={head} actions={actions} open={menu === 'assign'} setOpen={(o) => setMenu(o ? 'assign' : '')} />}
      <IconButton label={t('details.label')} className={s.details} onClick={openDetails}>
        <Icon as={PanelRight} />
      </IconButton>
      {works && (
        <Button className={s.status} onClick={() => actions.toggleStatus(head)} title={`${t(closed ? 'thread.reopen' : 'thread.close')} (e)`}>
          <Icon as={closed ? RotateCcw : Check} size="s" />
          <span>{t(closed ? 'thread.reopen' : 'thread.close')}</span>
        </Button>
      )}
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

function Assign({ head, actions, open, setOpen }: { head: Summary; actions: ThreadActions; open: boolean; setOpen: (o: boolean) => void }) {
  const { t } = useT();
  const a = head.assignee;
  const label = a ? t('assign.change', { name: a.name || a.id }) : t('assign.none');
  return (
    <AssignMenu
      agent={a?.id ?? ''}
      team={head.team?.id ?? ''}
      onAgent={(id) => actions.assign(head, id)}
      onTeam={(id) => actions.assignTeam(head, id)}
      open={open}
      setOpen={setOpen}
      trigger={
        <Button aria-label={label} title={`${label} (a)`} className={s.assign}>
          {a ? <Avatar id={a.id} name={a.name} size="xs" /> : <Icon as={CircleDashed} size="s" />}
          <Icon as={ChevronDown} size="xs" />
        </Button>
      }
    />
  );
}
