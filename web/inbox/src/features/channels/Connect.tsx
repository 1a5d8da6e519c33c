/** Connects an address: which one, and how its mail reaches us. What is left to do afterwards stands on the account's own page. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { inboxesQuery, keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { looksRight } from '~core/draft';
import s from './Channels.module.css';

const ways = ['forward', 'mx', 'hosted'] as const;

export function Connect({ mailDomain, back, done }: { mailDomain: string; back: () => void; done: (id: string) => void }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const inboxes = useQuery(inboxesQuery(api)).data ?? [];
  const [address, setAddress] = useState('');
  const [name, setName] = useState('');
  const [way, setWay] = useState<(typeof ways)[number]>('forward');
  const [inbox, setInbox] = useState('');
  const [wrong, setWrong] = useState<{ address?: string; name?: string; rest?: string }>({});
  const hosted = way === 'hosted';
  const full = hosted && !address.includes('@') ? `${address.trim()}@${mailDomain}` : address.trim();
  const connect = useMutation({
    mutationFn: () => api.connect({ address: full, name: name.trim(), way, inbox: inbox || (inboxes[0]?.id ?? '') }),
    onSuccess: async (c) => {
      await client.invalidateQueries({ queryKey: keys.channels });
      void client.invalidateQueries({ queryKey: keys.inboxes });
      done(c.account.id);
    },
    onError: (err) => setWrong({ rest: reason(err, t) }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!looksRight({ email: full })) return setWrong({ address: t('channels.addressWrong') });
    if (!name.trim()) return setWrong({ name: t('channels.nameMissing') });
    setWrong({});
    connect.mutate();
  };
  return (
    <Page
      title={t('channels.connectTitle')}
      lead={t('channels.connectLead')}
      actions={
        <Button onClick={back}>
          <Icon as={ArrowLeft} size="s" /> {t('channels.back')}
        </Button>
      }
    >
      <Scroll label={t('channels.connectTitle')}>
        <form className={s.form} onSubmit={submit} noValidate>
          <fieldset className={s.ways}>
            <legend>{t('channels.how')}</legend>
            {ways.map((w) => (
              <label key={w} data-on={w === way || undefined}>
                <input type="radio" name="way" checked={w === way} onChange={() => setWay(w)} />
                <span>
                  <b>{t(`channels.choose.${w}`)}</b>
                  <small>{t(`channels.choose.${w}Text`, { domain: mailDomain })}</small>
                </span>
              </label>
            ))}
          </fieldset>
          <Field
            label={t('channels.address')}
            hint={hosted ? t('channels.addressHosted', { domain: mailDomain }) : t('channels.addressHint')}
            error={wrong.address}
            value={address}
            inputMode="email"
            maxLength={254}
            autoComplete="off"
            after={hosted && !address.includes('@') ? <span>@{mailDomain}</span> : undefined}
            onChange={(e) => setAddress(e.target.value)}
          />
          <Field
            label={t('channels.name')}
            hint={t('channels.nameHint')}
            error={wrong.name}
            value={name}
            maxLength={100}
            onChange={(e) => setName(e.target.value)}
          />
          {inboxes.length > 1 && (
            <label className={s.select}>
              {t('channels.into')}
              <select value={inbox || inboxes[0]?.id} onChange={(e) => setInbox(e.target.value)}>
                {inboxes.map((i) => (
                  <option key={i.id} value={i.id}>
                    {i.name}
                  </option>
                ))}
              </select>
            </label>
          )}
          {wrong.rest && (
            <p className={s.error} role="alert">
              {wrong.rest}
            </p>
          )}
          <div>
            <Button kind="primary" type="submit" disabled={connect.isPending}>
              {t('channels.connect')}
            </Button>
          </div>
        </form>
      </Scroll>
    </Page>
  );
}
