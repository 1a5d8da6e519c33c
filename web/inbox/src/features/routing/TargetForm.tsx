import { useQuery } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { teamsQuery, usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { assignable, teamsOf } from '~/features/work/assignable';
import type { Inbox, Target } from '~core/wire';
import s from './routing.module.css';

/** Whom something goes to. */
export function TargetForm({ id, inbox, value, set }: { id: string; inbox: Inbox; value: Target; set: (t: Target) => void }) {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const users = assignable(useQuery(usersQuery(api)).data ?? [], me.id);
  const teams = teamsOf(useQuery(teamsQuery(api)).data ?? [], inbox);
  const flip = (all: string[] | undefined, x: string) => (all?.includes(x) ? all.filter((y) => y !== x) : [...(all ?? []), x]);
  return (
    <div className={s.target}>
      <select
        aria-label={t('routes.to')}
        value={value.kind}
        onChange={(e) => {
          const kind = e.target.value as Target['kind'];
          set(kind === 'none' ? { kind } : { ...value, kind, way: value.way || 'least' });
        }}
      >
        <option value="none">{t('routes.nobody')}</option>
        <option value="people">{t('routes.people')}</option>
        <option value="owner">{t('routing.way.owner')}</option>
      </select>
      {value.kind !== 'none' && (
        <>
          <fieldset className={s.who}>
            <legend>{t(value.kind === 'owner' ? 'routes.else' : 'routes.who')}</legend>
            {teams.map((g) => (
              <label key={g.id}>
                <input type="checkbox" checked={!!value.teams?.includes(g.id)} onChange={() => set({ ...value, teams: flip(value.teams, g.id) })} />
                {t('members.toTeam', { name: g.name })}
              </label>
            ))}
            {users.map((u) => (
              <label key={u.id}>
                <input type="checkbox" checked={!!value.users?.includes(u.id)} onChange={() => set({ ...value, users: flip(value.users, u.id) })} />
                {u.name}
              </label>
            ))}
          </fieldset>
          <label className={s.way}>
            {t('routes.way')}
            <select value={value.way || 'least'} onChange={(e) => set({ ...value, way: e.target.value as Target['way'] })} id={`way-${id}`}>
              <option value="least">{t('routing.way.least')}</option>
              <option value="round">{t('routing.way.round')}</option>
              <option value="random">{t('routing.way.random')}</option>
            </select>
          </label>
          <label className={s.check}>
            <input type="checkbox" checked={!!value.inHours} onChange={(e) => set({ ...value, inHours: e.target.checked })} />
            {t('routes.inHours')}
          </label>
        </>
      )}
    </div>
  );
}
