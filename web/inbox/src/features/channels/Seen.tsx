import { type FormEvent, lazy, Suspense, useState } from 'react';
import { useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { paragraphs } from '~core/draft';
import type { ChannelView } from '~core/wire';
import { useChannelChange } from './Channel';
import s from './Channels.module.css';

const RichText = lazy(() => import('~/features/composer/RichText'));
const policies = ['agent', 'first', 'team'] as const;

/** What customers see of the account: its name, who signs, and what stands below. */
export function Seen({ channel, may }: { channel: ChannelView; may: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const change = useChannelChange();
  const a = channel.account;
  const [name, setName] = useState(a.name);
  const [from, setFrom] = useState(a.fromName ?? 'agent');
  const [signature, setSignature] = useState({ html: a.signature ?? '', text: '' });
  const first = me.name.split(' ')[0] ?? me.name;
  const shown = { agent: `${me.name} (${name})`, first: t('channels.first', { first, name }), team: name };
  const save = (e: FormEvent) => {
    e.preventDefault();
    const html = signature.html || (signature.text && paragraphs(signature.text));
    void change.run('save', () => api.editChannel(a.id, { name: name.trim(), fromName: from, signature: html }, a.revision), t('channels.saved'));
  };
  return (
    <form className={s.group} onSubmit={save} aria-labelledby="seen">
      <h2 id="seen">{t('channels.seen')}</h2>
      <fieldset className={s.card} disabled={!may}>
        <Field label={t('channels.name')} hint={t('channels.nameHint')} value={name} maxLength={100} onChange={(e) => setName(e.target.value)} />
        <label className={s.select}>
          {t('channels.fromName')}
          <select value={from} onChange={(e) => setFrom(e.target.value as typeof from)}>
            {policies.map((p) => (
              <option key={p} value={p}>
                {shown[p]}
              </option>
            ))}
          </select>
        </label>
        <p className={s.hint}>{t('channels.fromShown', { from: `${shown[from]} <${channel.sendsFrom}>` })}</p>
        <span className={s.label} id="signature-label">
          {t('channels.signature')}
        </span>
        {may ? (
          <div className={s.sheet}>
            <Suspense fallback={<div aria-busy="true" />}>
              <RichText
                ref={null}
                written={signature}
                label={t('channels.signature')}
                placeholder={t('channels.signatureHint')}
                picture={() => Promise.reject(new Error('no pictures here'))}
                change={(html, text) => setSignature({ html, text })}
                onKey={() => false}
                onFiles={() => undefined}
              />
            </Suspense>
          </div>
        ) : (
          <p className={s.hint}>{a.signature ? t('channels.signatureSet') : t('channels.signatureNone')}</p>
        )}
        <p className={s.hint}>{t('channels.signatureWhy')}</p>
        {may && (
          <div className={s.row}>
            <Button kind="primary" type="submit" disabled={!!change.busy || !name.trim()}>
              {t('action.save')}
            </Button>
          </div>
        )}
      </fieldset>
    </form>
  );
}
