import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { hoursQuery, keys, teamsQuery, usersQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { ApiError } from '~core/api';
import type { Inbox } from '~core/wire';
import s from './team.module.css';

interface Props {
  inbox?: Inbox;
  close: () => void;
  /** begins anew with the inbox as it is now */
  again: (id: string) => Promise<void>;
}

/** What an inbox is called and who belongs to it, for admins; when it is worked, for managers too. Who is overtaken is told, and overwrites nothing. */
export function InboxForm({ inbox, close, again }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const users = (useQuery(usersQuery(api)).data ?? []).filter((u) => !u.disabled);
  const teams = useQuery(teamsQuery(api)).data ?? [];
  const hours = useQuery(hoursQuery(api)).data ?? [];
  const [name, setName] = useState(inbox?.name ?? '');
  const [everyone, setEveryone] = useState(inbox?.members.everyone ?? true);
  const [members, setMembers] = useState(new Set(inbox?.members.users));
  const [groups, setGroups] = useState(new Set(inbox?.members.teams));
  const [worked, setWorked] = useState(inbox?.hours ?? '');
  const [wrong, setWrong] = useState('');
  const [overtaken, setOvertaken] = useState(false);
  const admin = useMay('admin');
  const [busy, setBusy] = useState(false);
  const now = useRef(inbox); // as far as it has been saved
  const flip = (set: Set<string>, id: string) => {
    const next = new Set(set);
    if (!next.delete(id)) next.add(id);
    return next;
  };
  const submit = async () => {
    setBusy(true);
    setWrong('');
    try {
      const is = async (change: Promise<Inbox>) => {
        now.current = await change;
        return now.current;
      };
      let i = now.current ?? (await is(api.newInbox(name.trim())));
      if (name.trim() !== i.name) i = await is(api.renameInbox(i.id, name.trim(), i.revision));
      if (changed(i, everyone, members, groups)) {
        i = await is(api.setMembers(i.id, everyone ? { everyone } : { everyone, users: [...members], teams: [...groups] }, i.revision));
      }
      if (worked !== (i.hours ?? '')) await is(api.setInboxHours(i.id, worked, i.revision));
      close();
    } catch (err) {
      setOvertaken(err instanceof ApiError && err.status === 412);
      setWrong(reason(err, t));
      setBusy(false);
    }
    void client.invalidateQueries({ queryKey: keys.inboxes });
  };
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      {admin && (
        <>
          <Field label={t('people.name')} value={name} maxLength={100} data-first onChange={(e) => setName(e.target.value)} />
          <fieldset className={s.roles}>
            <legend>{t('inboxes.who')}</legend>
            <label>
              <input type="radio" name="who" checked={everyone} onChange={() => setEveryone(true)} />
              {t('inboxes.everyone')}
            </label>
            <label>
              <input type="radio" name="who" checked={!everyone} onChange={() => setEveryone(false)} />
              {t('inboxes.chosen')}
            </label>
          </fieldset>
        </>
      )}
      {admin && !everyone && (
        <fieldset className={s.people}>
          <legend>{t('inboxes.chosen')}</legend>
          {teams.map((g) => (
            <label key={g.id}>
              <input type="checkbox" checked={groups.has(g.id)} onChange={() => setGroups(flip(groups, g.id))} />
              {t('members.toTeam', { name: g.name })}
            </label>
          ))}
          {users.map((u) => (
            <label key={u.id}>
              <input type="checkbox" checked={members.has(u.id)} onChange={() => setMembers(flip(members, u.id))} />
              {u.name}
            </label>
          ))}
        </fieldset>
      )}
      <label className={s.label}>
        {t('hours.title')}
        <select className={s.select} value={worked} onChange={(e) => setWorked(e.target.value)}>
          <option value="">{t('inboxes.always')}</option>
          {hours.map((h) => (
            <option key={h.id} value={h.id}>
              {h.name}
            </option>
          ))}
        </select>
      </label>
      {wrong && (
        <div role="alert" className={s.wrong}>
          <p>{overtaken ? t('inboxes.overtaken') : wrong}</p>
          {overtaken && inbox && <Button onClick={() => void again(inbox.id)}>{t('inboxes.again')}</Button>}
        </div>
      )}
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || overtaken || !name.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}

function changed(inbox: Inbox, everyone: boolean, users: Set<string>, teams: Set<string>): boolean {
  const same = (a: string[] | undefined, b: Set<string>) => (a?.length ?? 0) === b.size && (a ?? []).every((x) => b.has(x));
  if (everyone !== inbox.members.everyone) return true;
  return !everyone && !(same(inbox.members.users, users) && same(inbox.members.teams, teams));
}
