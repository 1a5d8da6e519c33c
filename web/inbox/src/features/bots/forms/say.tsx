/** Steps that say something: a message, a meeting link, the last words. */
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { IconButton } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { Switch } from '~/ui/Switch';
import type { BotBubble, BotStep } from '~core/wire';
import { useBuilder } from '../builder';
import { FileField } from './file';
import s from './forms.module.css';
import { type FormProps, Rows, Select, Words } from './parts';

type Of<K extends keyof BotStep> = FormProps<NonNullable<BotStep[K]>>;

export function MessageForm({ value, set }: Of<'message'>) {
  const { t } = useT();
  const { bubbles } = value;
  const [coming, setComing] = useState(false);
  const patch = (i: number, p: Partial<BotBubble>, join: string) =>
    set({ bubbles: bubbles.map((b, n) => (n === i ? { ...b, ...p } : b)) }, `${join} ${i}`);
  return (
    <Rows
      title={t('bots.bubbles')}
      full={bubbles.length >= 10}
      add={{ label: t('bots.addBubble'), run: () => set({ bubbles: [...bubbles, { text: '' }] }) }}
    >
      {bubbles.map((b, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bubbles have no names; they are edited in place
        <div key={i} className={s.card}>
          <div className={s.cardHead}>
            <b>{t('bots.bubble', { n: i + 1 })}</b>
            {bubbles.length > 1 && (
              <IconButton
                label={t('bots.removeBubble', { n: i + 1 })}
                small
                disabled={coming}
                onClick={() => set({ bubbles: bubbles.filter((_, n) => n !== i) })}
              >
                <Icon as={Trash2} size="s" />
              </IconButton>
            )}
          </div>
          <Words label={t('bots.text')} value={b.text ?? ''} max={1000} set={(text) => patch(i, { text: text || undefined }, 'text')} />
          <details className={s.more} open={!!(b.image || b.link || b.file)}>
            <summary>{t('bots.attach')}</summary>
            <FileField file={b.file} set={(file) => patch(i, { file }, 'file')} busy={setComing} />
            {(b.image || !b.file?.picture) && (
              <Field
                label={t('bots.image')}
                placeholder="https://"
                inputMode="url"
                value={b.image ?? ''}
                maxLength={2048}
                onChange={(e) => patch(i, { image: e.target.value || undefined }, 'image')}
              />
            )}
            {(b.image || b.file?.picture) && (
              <Field
                label={t('bots.alt')}
                hint={t('bots.altHint')}
                value={b.alt ?? ''}
                maxLength={200}
                onChange={(e) => patch(i, { alt: e.target.value || undefined }, 'alt')}
              />
            )}
            <Field
              label={t('bots.link')}
              placeholder="https://"
              inputMode="url"
              value={b.link ?? ''}
              maxLength={2048}
              onChange={(e) => patch(i, { link: e.target.value || undefined }, 'link')}
            />
            {b.link && (
              <Field
                label={t('bots.linkLabel')}
                value={b.label ?? ''}
                maxLength={80}
                onChange={(e) => patch(i, { label: e.target.value || undefined }, 'label')}
              />
            )}
          </details>
        </div>
      ))}
    </Rows>
  );
}

export function MeetingForm({ value, set }: Of<'meeting'>) {
  const { t } = useT();
  const { api } = useServices();
  const { fixed } = useBuilder();
  const users = useQuery(usersQuery(api)).data ?? [];
  const options = users.filter((u) => u.meeting && !u.disabled).map((u) => ({ value: u.id, label: u.name }));
  return (
    <>
      <Select
        label={t('bots.meetingOf')}
        hint={options.length ? undefined : t('bots.noMeetings')}
        value={value.user}
        fixed={fixed}
        options={[{ value: '', label: t('bots.choose') }, ...options]}
        set={(user) => set({ ...value, user })}
      />
      <Words label={t('bots.text')} value={value.text} max={1000} set={(text) => set({ ...value, text }, 'text')} />
      <Field
        label={t('bots.linkLabel')}
        value={value.label ?? ''}
        maxLength={80}
        onChange={(e) => set({ ...value, label: e.target.value || undefined }, 'label')}
      />
    </>
  );
}

export function EndForm({ value, set }: Of<'end'>) {
  const { t } = useT();
  const { fixed } = useBuilder();
  return (
    <>
      <Words label={t('bots.lastWords')} value={value.text ?? ''} max={1000} set={(text) => set({ ...value, text: text || undefined }, 'text')} />
      <Switch
        label={t('bots.close')}
        hint={t('bots.closeHint')}
        on={!!value.close}
        set={(close) => set({ ...value, close: close || undefined })}
        fixed={fixed}
      />
    </>
  );
}
