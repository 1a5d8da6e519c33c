/** A new bot: its name, and what it begins with. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { useChange } from '~/features/chats/changes';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { botApi } from './api';
import { arranged } from './layout';
import s from './NewBot.module.css';
import { templatesQuery } from './queries';

export default function NewBot({ account, close }: { account: string; close: () => void }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const change = useChange();
  const navigate = useNavigate();
  const templates = useQuery(templatesQuery(api, locale));
  const [name, setName] = useState(t('bots.newName'));
  const [from, setFrom] = useState('');
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (!name.trim()) return;
    let made = '';
    const done = await change.run(async () => {
      const flow = await api.newFlow({
        id: '',
        account,
        name: name.trim(),
        bot: true,
        on: false,
        targeting: {},
        welcome: '',
        askEmail: 'never',
        away: { mode: 'message' },
        available: 'always',
        version: 0,
      });
      made = flow.id;
      const template = templates.data?.find((x) => x.id === from);
      if (template) await botApi(api).save(flow, arranged(template.graph), 0);
    });
    if (!done && !made) return;
    close();
    void navigate({ to: '/settings/chat/$account/$flow', params: { account, flow: made } });
  };
  if (templates.isError) {
    return (
      <Dialog open title={t('bots.new')} onClose={close}>
        <Failure title={t('bots.templatesFailed')} error={templates.error} retry={() => void templates.refetch()} />
      </Dialog>
    );
  }
  const options = [{ id: '' as const }, ...(templates.data ?? [])];
  return (
    <Dialog open title={t('bots.new')} onClose={close}>
      <form className={s.form} onSubmit={submit} noValidate>
        <Field
          label={t('bots.botName')}
          hint={t('bots.botNameHint')}
          value={name}
          maxLength={80}
          data-first
          onChange={(e) => setName(e.target.value)}
        />
        <fieldset className={s.templates} aria-busy={templates.isPending}>
          <legend>{t('bots.beginWith')}</legend>
          {options.map((x) => (
            <label key={x.id} className={s.template}>
              <input type="radio" name="template" checked={from === x.id} onChange={() => setFrom(x.id)} />
              <span>
                <b>{t(`bots.template.${x.id || 'empty'}`)}</b>
                <small>{t(`bots.templateText.${x.id || 'empty'}`)}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div className={s.row}>
          <Button onClick={close}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" disabled={change.busy || !name.trim()}>
            {t('bots.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
