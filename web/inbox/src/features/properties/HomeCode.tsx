/** Of which country telephone numbers without one are. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import p from './properties.module.css';

export function HomeCode() {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const home = useQuery({ queryKey: [...keys.properties, 'home'], queryFn: api.homeCode }).data;
  const [typed, setTyped] = useState<string>();
  const [wrong, setWrong] = useState('');
  if (home === undefined) return null;
  const value = typed ?? home;
  const save = () =>
    api
      .setHome(value.replace(/\D/g, ''))
      .then(() => {
        toasts.show(t('properties.homeSaved'));
        setTyped(undefined);
        void client.invalidateQueries({ queryKey: keys.properties });
      })
      .catch((err: unknown) => setWrong(reason(err, t)));
  return (
    <form
      className={p.section}
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <h2>{t('properties.home')}</h2>
      <Field
        label={t('properties.code')}
        hint={t('properties.codeHint')}
        inputMode="numeric"
        value={value}
        maxLength={5}
        error={wrong}
        onChange={(e) => {
          setTyped(e.target.value);
          setWrong('');
        }}
        after={
          <Button type="submit" disabled={typed === undefined || typed === home}>
            {t('action.save')}
          </Button>
        }
      />
    </form>
  );
}
