import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { keys, rolesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import type { Role } from '~core/wire';
import { roles } from './MembersPage';
import s from './team.module.css';

/** Somebody new: they get a mail with the way in. */
export function Invite({ close }: { close: () => void }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const may = useQuery(rolesQuery(api)).data ?? [];
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    try {
      const user = await api.invite(email.trim(), name.trim(), role);
      await client.invalidateQueries({ queryKey: keys.users });
      toasts.show(t('members.invited', { name: user.name || user.email }));
      close();
    } catch (err) {
      setWrong(reason(err, t));
      setBusy(false);
    }
  };
  return (
    <form
      className={s.form}
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={t('people.email')}
        type="email"
        value={email}
        maxLength={254}
        data-first
        error={wrong}
        onChange={(e) => {
          setEmail(e.target.value);
          setWrong('');
        }}
      />
      <Field label={t('people.name')} value={name} maxLength={100} onChange={(e) => setName(e.target.value)} />
      <fieldset className={s.roles}>
        <legend>{t('members.role')}</legend>
        {roles.map((r) => (
          <label key={r}>
            <input type="radio" name="role" checked={role === r} onChange={() => setRole(r)} />
            <span>
              <b>{t(`role.${r}`)}</b>
              <small>{t(`role.${r}.text`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {may.length > 0 && <p className={s.text}>{t('members.rights', { count: may.find((r) => r.role === role)?.may.length ?? 0 })}</p>}
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy}>
          {t('members.inviteDo')}
        </Button>
      </div>
    </form>
  );
}
