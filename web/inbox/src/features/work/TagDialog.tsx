/** Which tags a conversation has, or several have. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { tagsQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { TagRef } from '~core/wire';
import { TagDot } from './TagDot';
import s from './work.module.css';

interface Props {
  open: boolean;
  close: () => void;
  /** tags that all of the conversations have, and that some have */
  all: TagRef[];
  some?: TagRef[];
  change: (add: string[], remove: string[]) => void;
}

export function TagDialog(props: Props) {
  const { t } = useT();
  return (
    <Dialog open={props.open} onClose={props.close} title={t('tags.title')}>
      <Picker {...props} />
    </Dialog>
  );
}

function Picker({ close, all, some = [], change }: Props) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const tags = useQuery(tagsQuery(api));
  const [picked, setPicked] = useState<Map<string, boolean>>(new Map()); // what was changed here
  const [filter, setFilter] = useState('');
  const [making, setMaking] = useState(false);
  const has = (id: string) => picked.get(id) ?? all.some((g) => g.id === id);
  const partly = (id: string) => !picked.has(id) && some.some((g) => g.id === id);
  const set = (id: string, on: boolean) => setPicked(new Map(picked).set(id, on));
  const wanted = filter.trim().replace(/\s+/g, ' ');
  const known = tags.data ?? [];
  // A tag that was deleted stays on the conversations that have it, and can be taken off.
  const gone = [...all, ...some].filter((g) => tags.data && !known.some((k) => k.id === g.id));
  const shown = [...known, ...gone].filter((g) => g.name.toLowerCase().includes(wanted.toLowerCase()));
  const same = known.some((g) => g.name.toLowerCase() === wanted.toLowerCase());
  const make = async () => {
    setMaking(true);
    try {
      const made = await api.newTag(wanted);
      await client.invalidateQueries({ queryKey: tagsQuery(api).queryKey });
      set(made.id, true);
      setFilter('');
    } catch (err) {
      toasts.show(`${t('tags.newFailed')} ${reason(err, t)}`);
    }
    setMaking(false);
  };
  const done = () => {
    const add = [...picked].filter(([id, on]) => on && !all.some((g) => g.id === id)).map(([id]) => id);
    const remove = [...picked].filter(([id, on]) => !on && (all.some((g) => g.id === id) || some.some((g) => g.id === id))).map(([id]) => id);
    close();
    if (add.length + remove.length > 0) change(add, remove);
  };
  if (tags.isPending) return <RowsSkeleton label={t('tags.loading')} />;
  if (tags.isError) return <Failure title={t('tags.failed')} error={tags.error} retry={() => void tags.refetch()} />;
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        if (wanted && !same && shown.length === 0) void make();
        else done();
      }}
    >
      <Field label={t('tags.find')} value={filter} onChange={(e) => setFilter(e.target.value)} maxLength={60} autoComplete="off" data-first />
      {shown.length > 0 && (
        <ul className={s.tags} aria-label={t('tags.title')}>
          {shown.map((g) => (
            <li key={g.id}>
              <label>
                <input
                  type="checkbox"
                  checked={has(g.id)}
                  ref={(el) => {
                    if (el) el.indeterminate = partly(g.id);
                  }}
                  onChange={(e) => set(g.id, e.target.checked)}
                />
                <TagDot id={g.id} />
                <span>{g.name}</span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {shown.length === 0 && !wanted && <p className={s.none}>{t('tags.none')}</p>}
      {wanted && !same && (
        <Button onClick={() => void make()} disabled={making}>
          <Icon as={Plus} size="s" />
          {t('tags.new', { name: wanted })}
        </Button>
      )}
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit">
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
