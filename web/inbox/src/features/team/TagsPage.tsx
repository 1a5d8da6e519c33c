/** The workspace's tags. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Tag as TagIcon } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, tagsQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Tag } from '~core/wire';
import { Colour, type ColourName } from './Colour';
import s from './team.module.css';

export default function TagsPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const tags = useQuery(tagsQuery(api));
  const [editing, setEditing] = useState<Tag | 'new'>();
  const manager = me.role === 'admin' || me.role === 'manager';
  return (
    <Page
      title={t('tags.title')}
      lead={t('tags.lead')}
      actions={
        me.role !== 'viewer' && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('tags.newTag')}
          </Button>
        )
      }
    >
      {tags.isPending ? (
        <RowsSkeleton label={t('tags.loading')} />
      ) : tags.isError ? (
        <Failure title={t('tags.failed')} error={tags.error} retry={() => void tags.refetch()} />
      ) : tags.data.length === 0 ? (
        <Empty icon={TagIcon} title={t('tags.empty')} text={t('tags.emptyText')} />
      ) : (
        <Scroll label={t('tags.title')}>
          <ul className={s.cards}>
            {tags.data.map((g) => (
              <li key={g.id}>
                <i className={s.dot} data-colour={g.colour || 'grey'} />
                <div>
                  <b>{g.name}</b>
                </div>
                {manager && <Button onClick={() => setEditing(g)}>{t('teams.edit')}</Button>}
              </li>
            ))}
          </ul>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'tags.newTag' : 'tags.editTitle')}>
        {editing && <Form tag={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} />}
      </Dialog>
    </Page>
  );
}

function Form({ tag, close }: { tag?: Tag; close: () => void }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const [name, setName] = useState(tag?.name ?? '');
  const [colour, setColour] = useState<ColourName>((tag?.colour as ColourName) ?? '');
  const [wrong, setWrong] = useState('');
  const done = () => {
    void client.invalidateQueries({ queryKey: keys.tags });
    close();
  };
  const submit = () =>
    (tag ? api.putTag(tag.id, { name: name.trim(), colour }, tag.revision) : api.newTag(name.trim(), colour))
      .then(done)
      .catch((err: unknown) => setWrong(reason(err, t)));
  const remove = () =>
    tag &&
    void api
      .removeTag(tag.id)
      .then(done)
      .catch((err: unknown) => toasts.show(`${t('tags.removeFailed')} ${reason(err, t)}`));
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={t('people.name')}
        value={name}
        maxLength={60}
        data-first
        error={wrong}
        onChange={(e) => {
          setName(e.target.value);
          setWrong('');
        }}
      />
      <Colour value={colour} set={setColour} />
      <div className={s.buttons}>
        {tag && (
          <Button kind="quiet" className={s.remove} onClick={remove}>
            {t('tags.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={!name.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
