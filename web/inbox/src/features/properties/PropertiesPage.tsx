/** What can be known of contacts and companies: the standard properties and the team's own. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, EyeOff, Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, propertiesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import s from '~/features/team/team.module.css';
import { Button, IconButton } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Property } from '~core/wire';
import { HomeCode } from './HomeCode';
import { Form } from './PropertyForm';
import p from './properties.module.css';

const subjects = ['contact', 'company'] as const;

export default function PropertiesPage() {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const list = useQuery({ ...propertiesQuery(api), staleTime: 0 });
  const [editing, setEditing] = useState<Property | 'new'>();
  const [busy, setBusy] = useState(false);
  /** Two neighbours change places. */
  const swap = async (a: Property, b: Property) => {
    setBusy(true);
    const fields = (x: Property, order: number) => ({
      name: x.name,
      order,
      ...(x.hidden ? { hidden: true } : {}),
      ...(x.options ? { options: x.options } : {}),
    });
    try {
      await api.putProperty(a, fields(a, b.order));
      await api.putProperty(b, fields(b, a.order));
    } catch (err) {
      toasts.show(`${t('properties.moveFailed')} ${reason(err, t)}`);
    }
    await client.invalidateQueries({ queryKey: keys.properties });
    setBusy(false);
  };
  return (
    <Page
      title={t('properties.title')}
      lead={t('properties.lead')}
      actions={
        <Button onClick={() => setEditing('new')}>
          <Icon as={Plus} size="s" />
          {t('properties.new')}
        </Button>
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('properties.loading')} />
      ) : list.isError ? (
        <Failure title={t('properties.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : (
        <Scroll label={t('properties.title')}>
          {subjects.map((of) => {
            const some = list.data.filter((x) => x.of === of);
            return (
              <section key={of} className={p.section}>
                <h2>{t(`properties.of.${of}`)}</h2>
                {some.length === 0 && <p className={s.text}>{t('properties.none')}</p>}
                <ul className={s.cards}>
                  {some.map((x, i) => (
                    <li key={x.id} data-off={x.hidden || undefined}>
                      <div>
                        <b>{x.name}</b>
                        <p className={s.text}>
                          {[
                            t(`properties.kind.${x.kind}`),
                            x.standard ? t('properties.standard') : '',
                            x.options?.length ? x.options.join(', ') : '',
                            x.hidden ? t('properties.isHidden') : '',
                          ]
                            .filter(Boolean)
                            .join(' · ')}
                        </p>
                      </div>
                      {x.hidden && <Icon as={EyeOff} size="s" />}
                      <IconButton
                        label={t('properties.up', { name: x.name })}
                        disabled={busy || i === 0}
                        onClick={() => some[i - 1] && void swap(x, some[i - 1] as Property)}
                      >
                        <Icon as={ArrowUp} size="s" />
                      </IconButton>
                      <IconButton
                        label={t('properties.down', { name: x.name })}
                        disabled={busy || i === some.length - 1}
                        onClick={() => some[i + 1] && void swap(x, some[i + 1] as Property)}
                      >
                        <Icon as={ArrowDown} size="s" />
                      </IconButton>
                      <Button onClick={() => setEditing(x)} aria-label={t('properties.editOf', { name: x.name })}>
                        {t('teams.edit')}
                      </Button>
                    </li>
                  ))}
                </ul>
              </section>
            );
          })}
          <HomeCode />
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'properties.new' : 'properties.edit')}>
        {editing && <Form property={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} />}
      </Dialog>
    </Page>
  );
}
