import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { teamsQuery, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import type { HandoverTo, User } from '~core/wire';
import s from './team.module.css';

/** Somebody's open conversations go to a colleague, to a team, through the routing rules, or to nobody. */
export function HandOver({ from, close }: { from: User; close: () => void }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const users = (useQuery(usersQuery(api)).data ?? []).filter((u) => !u.disabled && u.role !== 'viewer' && u.id !== from.id);
  const teams = useQuery(teamsQuery(api)).data ?? [];
  const [to, setTo] = useState('route');
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const [kind, id] = to.split(':');
    setBusy(true);
    try {
      const done = await api.handOver(from.id, { kind: kind as HandoverTo['kind'], ...(id ? { id } : {}) });
      toasts.show(done.more ? t('members.handedMore', { count: done.moved }) : t('members.handed', { count: done.moved }));
      close();
    } catch (err) {
      toasts.show(`${t('members.handoverFailed')} ${reason(err, t)}`);
      setBusy(false);
    }
  };
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <p className={s.text}>{t('members.handoverText', { name: from.name })}</p>
      <label className={s.label}>
        {t('members.handoverTo')}
        <select className={s.select} value={to} onChange={(e) => setTo(e.target.value)} data-first>
          <option value="route">{t('members.byRules')}</option>
          {users.map((u) => (
            <option key={u.id} value={`agent:${u.id}`}>
              {u.name}
            </option>
          ))}
          {teams.map((g) => (
            <option key={g.id} value={`team:${g.id}`}>
              {t('members.toTeam', { name: g.name })}
            </option>
          ))}
          <option value="nobody">{t('assign.nobody')}</option>
        </select>
      </label>
      <div className={s.buttons}>
        <Button onClick={close}>{t('members.later')}</Button>
        <Button kind="primary" type="submit" disabled={busy}>
          {t('members.handover')}
        </Button>
      </div>
    </form>
  );
}
