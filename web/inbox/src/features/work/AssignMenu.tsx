import { useQuery } from '@tanstack/react-query';
import { CircleDashed, UsersRound } from 'lucide-react';
import type { ReactElement } from 'react';
import { useT } from '~/app/locale';
import { teamsQuery, usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { useInbox } from '~/app/unread';
import { Avatar } from '~/ui/Avatar';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { assignable, teamsOf } from './assignable';

interface Props {
  /** who has it; absent when several conversations are meant */
  agent?: string;
  team?: string;
  onAgent: (id: string) => void;
  onTeam: (id: string) => void;
  open?: boolean;
  setOpen?: (open: boolean) => void;
  trigger: ReactElement;
  placement?: 'bottom-end' | 'top-start';
}

/** Whom a conversation can be given to: a colleague, a team, nobody. */
export function AssignMenu({ agent, team, onAgent, onTeam, open, setOpen, trigger, placement }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const inbox = useInbox();
  const users = useQuery(usersQuery(api));
  const teams = useQuery(teamsQuery(api));
  const people = assignable(users.data ?? [], me.id).map((u) => ({
    value: `agent:${u.id}`,
    label: u.id === me.id ? t('assign.me', { name: u.name }) : u.name,
    icon: <Avatar id={u.id} name={u.name} address={u.email} size="xs" />,
    checked: u.id === agent,
  }));
  const groups = teamsOf(teams.data ?? [], inbox).map((g) => ({
    value: `team:${g.id}`,
    label: g.name,
    icon: <Icon as={UsersRound} size="s" />,
    checked: g.id === team,
  }));
  const pick = (v: string) => {
    const [kind, id = ''] = v.split(':');
    if (kind === 'team') onTeam(id);
    else onAgent(id);
  };
  return (
    <Menu
      open={open}
      placement={placement}
      onOpenChange={(o) => {
        setOpen?.(o);
        if (o && users.isError) void users.refetch();
        if (o && teams.isError) void teams.refetch();
      }}
      onSelect={pick}
      head={users.isError || teams.isError ? <span role="alert">{t('assign.failed')}</span> : undefined}
      groups={[
        { label: t('assign.label'), items: people },
        { items: [{ value: 'agent:', label: t('assign.nobody'), icon: <Icon as={CircleDashed} size="s" />, checked: agent === '' }] },
        {
          label: t('assign.team'),
          items:
            groups.length > 0
              ? [...groups, { value: 'team:', label: t('assign.noTeam'), icon: <Icon as={CircleDashed} size="s" />, checked: team === '' }]
              : [],
        },
      ].filter((g) => g.items.length)}
      trigger={trigger}
    />
  );
}
