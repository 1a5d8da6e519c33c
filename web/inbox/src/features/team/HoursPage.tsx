/** When the team works: sets of business hours that chats, routing and quiet answers ask. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Clock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { hoursQuery, keys } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import { Tag } from '~/ui/Tag';
import { full } from '~core/time';
import type { HoursView } from '~core/wire';
import { HoursForm } from './HoursForm';
import s from './team.module.css';
import { weekday } from './week';

export default function HoursPage() {
  const { t, locale } = useT();
  const { api } = useServices();
  const me = useMe();
  const list = useQuery(hoursQuery(api));
  const client = useQueryClient();
  const [editing, setEditing] = useState<HoursView | 'new'>();
  const may = me.role === 'admin' || me.role === 'manager';
  const close = () => {
    setEditing(undefined);
    void client.invalidateQueries({ queryKey: keys.hours });
  };
  return (
    <Page
      title={t('hours.title')}
      lead={t('hours.lead')}
      actions={
        may && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('hours.new')}
          </Button>
        )
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('hours.loading')} />
      ) : list.isError ? (
        <Failure title={t('hours.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={Clock} title={t('hours.none')} text={t('hours.noneText')} />
      ) : (
        <Scroll label={t('hours.title')}>
          <ul className={s.cards}>
            {list.data.map((h) => (
              <li key={h.id}>
                <div>
                  <b>{h.name}</b> {h.open ? <Tag tone="ok">{t('hours.open')}</Tag> : <Tag>{t('hours.shut')}</Tag>}
                  <p className={`${s.text} ${s.whole}`}>
                    {[...h.week]
                      .sort((a, b) => a.day - b.day || a.from.localeCompare(b.from))
                      .map((x) => `${weekday(locale, x.day, 'short')} ${x.from}–${x.to}`)
                      .join(', ')}
                  </p>
                  <p className={s.text}>
                    {h.zone}
                    {h.holidays.length > 0 && ` · ${t('hours.holidays', { count: h.holidays.length })}`}
                    {!h.open && h.next && ` · ${t('hours.next', { when: full(locale, h.next) })}`}
                  </p>
                </div>
                {may && (
                  <Button onClick={() => setEditing(h)} aria-label={t('hours.editOf', { name: h.name })}>
                    {t('teams.edit')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'hours.new' : 'hours.edit')}>
        {editing && <HoursForm hours={editing === 'new' ? undefined : editing} close={close} />}
      </Dialog>
    </Page>
  );
}
