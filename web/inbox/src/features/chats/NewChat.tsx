import { type FormEvent, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import type { Inbox } from '~core/wire';
import s from './ChatsPage.module.css';
import { useChange } from './changes';

/** A new chat: for whom, and on which website. */
export function NewChat({ inboxes, close }: { inboxes: Inbox[]; close: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const change = useChange();
  const [name, setName] = useState('');
  const [origin, setOrigin] = useState('https://');
  const [inbox, setInbox] = useState(inboxes[0]?.id ?? '');
  const [error, setError] = useState('');
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!name.trim() || !/^https?:\/\/[^/\s]+\/?$/.test(origin.trim())) return setError(t('chats.originWrong'));
    if (await change.run(() => api.newChat(inbox, name.trim(), origin.trim()), t('chats.added', { name: name.trim() }))) close();
  };
  return (
    <Dialog open title={t('chats.add')} onClose={close}>
      <form className={s.card} onSubmit={submit} noValidate>
        <Field label={t('chats.name')} hint={t('chats.nameHint')} value={name} maxLength={80} onChange={(e) => setName(e.target.value)} />
        <Field
          label={t('chats.origin')}
          hint={t('chats.originHint')}
          error={error}
          inputMode="url"
          value={origin}
          maxLength={200}
          onChange={(e) => setOrigin(e.target.value)}
        />
        {inboxes.length > 1 && (
          <label className={s.select}>
            {t('chats.inbox')}
            <select value={inbox} onChange={(e) => setInbox(e.target.value)}>
              {inboxes.map((i) => (
                <option key={i.id} value={i.id}>
                  {i.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <div className={`${s.row} ${s.end}`}>
          <Button onClick={close}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" disabled={change.busy}>
            {t('chats.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
