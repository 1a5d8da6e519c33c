import { useQuery } from '@tanstack/react-query';
import {
  ArrowDown,
  ArrowUp,
  Ban,
  ChevronsUp,
  Ellipsis,
  Equal,
  Inbox,
  type LucideIcon,
  MailOpen,
  MailX,
  Replace,
  ShieldX,
  Tag,
  Trash2,
} from 'lucide-react';
import { useT } from '~/app/locale';
import { inboxesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { IconButton, Kbd } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { Menu, type MenuItem } from '~/ui/Menu';
import type { Folder, Priority } from '~core/wire';

/** What can be done beside answering, assigning and closing. */
export type More =
  | { do: 'tags' }
  | { do: 'priority'; priority: Priority }
  | { do: 'move'; inbox: string }
  | { do: 'file'; folder: Folder; block?: boolean }
  | { do: 'read'; read: boolean };

const priorities: { value: Priority; icon: LucideIcon }[] = [
  { value: 'urgent', icon: ChevronsUp },
  { value: 'high', icon: ArrowUp },
  { value: '', icon: Equal },
  { value: 'low', icon: ArrowDown },
];

interface Props {
  /** absent when several conversations are meant */
  one?: { inbox: string; folder: Folder; priority: Priority; address: string };
  inbox: string;
  folder: Folder;
  onPick: (more: More) => void;
  placement?: 'bottom-end' | 'top-start';
}

export function MoreMenu({ one, inbox, folder, onPick, placement }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const inboxes = (useQuery(inboxesQuery(api)).data ?? []).filter((i) => i.id !== inbox && i.works);
  const spam = folder === 'spam';
  const item = (value: string, label: string, icon: LucideIcon, key?: string): MenuItem => ({
    value,
    label,
    icon: <Icon as={icon} size="s" />,
    hint: key && <Kbd>{key}</Kbd>,
  });
  const groups = [
    {
      items: [
        item('tags', t('more.tags'), Tag, 't'),
        ...(one ? [] : [item('read', t('more.read'), MailOpen)]),
        item('unread', t('more.unread'), MailX, one && 'U'),
      ],
    },
    {
      label: t('more.priority'),
      items: priorities.map((p) => ({
        ...item(`priority:${p.value}`, t(`priority.${p.value || 'normal'}`), p.icon),
        checked: one?.priority === p.value,
      })),
    },
    { label: t('more.move'), items: inboxes.map((i) => item(`move:${i.id}`, i.name, Replace)) },
    {
      items: [
        ...(folder ? [item('file:', t(spam ? 'thread.notSpam' : 'thread.toInbox'), Inbox, one && 'm')] : []),
        ...(spam ? [] : [item('file:spam', t('thread.spam'), Ban, one && '!')]),
        ...(spam || !one?.address ? [] : [item('block', t('thread.spamBlock', { address: one.address }), ShieldX)]),
        ...(folder === 'trash' ? [] : [item('file:trash', t('thread.trash'), Trash2, one && '#')]),
      ],
    },
  ].filter((g) => g.items.length);
  const pick = (v: string) => {
    const [what, arg = ''] = v.split(':');
    if (what === 'tags') onPick({ do: 'tags' });
    else if (what === 'read' || what === 'unread') onPick({ do: 'read', read: what === 'read' });
    else if (what === 'priority') onPick({ do: 'priority', priority: arg as Priority });
    else if (what === 'move') onPick({ do: 'move', inbox: arg });
    else if (what === 'block') onPick({ do: 'file', folder: 'spam', block: true });
    else onPick({ do: 'file', folder: arg as Folder });
  };
  return (
    <Menu
      onSelect={pick}
      placement={placement}
      groups={groups}
      trigger={
        <IconButton label={t('thread.more')}>
          <Icon as={Ellipsis} />
        </IconButton>
      }
    />
  );
}
