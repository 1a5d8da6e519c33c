/** Inboxes: what they are called, who belongs to them, when they are worked. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox as InboxIcon, Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { hoursQuery, inboxesQuery, keys } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Inbox } from '~core/wire';
import { InboxForm } from './InboxForm';
import s from './team.module.css';

export default function InboxesPage() {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const list = useQuery(inboxesQuery(api));
  const hours = useQuery(hoursQuery(api)).data ?? [];
  const [editing, setEditing] = useState<Inbox | 'new'>();
  const admin = useMay('admin');
  const manager = useMay('manager');
  const again = async (id: string) => {
    await client.refetchQueries({ queryKey: keys.inboxes });
    setEditing(client.getQueryData(inboxesQuery(api).queryKey)?.inboxes.find((i) => i.id === id));
  };
  const who = (i: Inbox) =>
    i.members.everyone ? t('inboxes.everyone') : t('inboxes.some', { users: i.members.users?.length ?? 0, teams: i.members.teams?.length ?? 0 });
  return (
    <Page
      title={t('inboxes.title')}
      lead={t('inboxes.lead')}
      actions={
        admin && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('inboxes.new')}
          </Button>
        )
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('inboxes.loading')} />
      ) : list.isError ? (
        <Failure title={t('inboxes.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={InboxIcon} title={t('noinbox.title')} text={t('noinbox.text')} />
      ) : (
        <Scroll label={t('inboxes.title')}>
          <ul className={s.cards}>
            {list.data.map((i) => (
              <li key={i.id}>
                <Icon as={InboxIcon} size="s" />
                <div>
                  <b>{i.name}</b>
                  <p className={s.text}>
                    {who(i)} · {hours.find((h) => h.id === i.hours)?.name ?? t('inboxes.always')}
                  </p>
                </div>
                {manager && (
                  <Button onClick={() => setEditing(i)} aria-label={t('inboxes.editOf', { name: i.name })}>
                    {t('teams.edit')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'inboxes.new' : 'inboxes.edit')}>
        {editing && (
          <InboxForm
            key={editing === 'new' ? 'new' : `${editing.id}/${editing.revision}`}
            inbox={editing === 'new' ? undefined : editing}
            close={() => setEditing(undefined)}
            again={again}
          />
        )}
      </Dialog>
    </Page>
  );
}
