/** Teams and who is in them. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, teamsQuery, usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Team, User } from '~core/wire';
import { Colour, type ColourName } from './Colour';
import s from './team.module.css';

export default function TeamsPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const teams = useQuery(teamsQuery(api));
  const users = useQuery(usersQuery(api)).data ?? [];
  const [editing, setEditing] = useState<Team | 'new'>();
  const may = me.role === 'admin' || me.role === 'manager';
  return (
    <Page
      title={t('teams.title')}
      lead={t('teams.lead')}
      actions={
        may && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('teams.new')}
          </Button>
        )
      }
    >
      {teams.isPending ? (
        <RowsSkeleton label={t('teams.loading')} />
      ) : teams.isError ? (
        <Failure title={t('teams.failed')} error={teams.error} retry={() => void teams.refetch()} />
      ) : teams.data.length === 0 ? (
        <Empty icon={UsersRound} title={t('teams.none')} text={t('teams.noneText')} />
      ) : (
        <Scroll label={t('teams.title')}>
          <ul className={s.cards}>
            {teams.data.map((g) => (
              <li key={g.id}>
                <i className={s.dot} data-colour={g.colour || 'grey'} />
                <div>
                  <b>{g.name}</b>
                  <Faces team={g} users={users} />
                </div>
                {may && <Button onClick={() => setEditing(g)}>{t('teams.edit')}</Button>}
              </li>
            ))}
          </ul>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'teams.new' : 'teams.editTitle')}>
        {editing && (
          <Form team={editing === 'new' ? undefined : editing} users={users.filter((u) => !u.disabled)} close={() => setEditing(undefined)} />
        )}
      </Dialog>
    </Page>
  );
}

function Faces({ team, users }: { team: Team; users: User[] }) {
  const { t } = useT();
  const members = users.filter((u) => team.members.includes(u.id) && !u.disabled);
  return (
    <span className={s.faces}>
      {members.slice(0, 8).map((u) => (
        <Avatar key={u.id} id={u.id} name={u.name} address={u.email} size="xs" label={u.name} />
      ))}
      <small>{t('teams.members', { count: members.length })}</small>
    </span>
  );
}

function Form({ team, users, close }: { team?: Team; users: User[]; close: () => void }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const [name, setName] = useState(team?.name ?? '');
  const [colour, setColour] = useState<ColourName>((team?.colour as ColourName) ?? '');
  const [members, setMembers] = useState(new Set(team?.members));
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const done = () => {
    void client.invalidateQueries({ queryKey: keys.teams });
    close();
  };
  const submit = async () => {
    setBusy(true);
    const body = { name: name.trim(), colour, members: [...members], ...(team?.hours ? { hours: team.hours } : {}) };
    try {
      await (team ? api.putTeam(team.id, body, team.revision) : api.newTeam(body));
      done();
    } catch (err) {
      setWrong(reason(err, t));
      setBusy(false);
    }
  };
  const remove = () =>
    team &&
    void api
      .removeTeam(team.id)
      .then(done)
      .catch((err: unknown) => toasts.show(`${t('teams.removeFailed')} ${reason(err, t)}`));
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
        maxLength={100}
        data-first
        error={wrong}
        onChange={(e) => {
          setName(e.target.value);
          setWrong('');
        }}
      />
      <Colour value={colour} set={setColour} />
      <fieldset className={s.people}>
        <legend>{t('teams.who')}</legend>
        {users.map((u) => (
          <label key={u.id}>
            <input
              type="checkbox"
              checked={members.has(u.id)}
              onChange={(e) => {
                const next = new Set(members);
                if (e.target.checked) next.add(u.id);
                else next.delete(u.id);
                setMembers(next);
              }}
            />
            <Avatar id={u.id} name={u.name} address={u.email} size="xs" />
            {u.name}
          </label>
        ))}
      </fieldset>
      <div className={s.buttons}>
        {team && (
          <Button kind="quiet" className={s.remove} onClick={remove}>
            {t('teams.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || !name.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
