/** Inboxes: what they are called, who belongs to them, when they are worked. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox as InboxIcon, Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { hoursQuery, inboxesQuery, keys, teamsQuery, usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Inbox } from '~core/wire';
import s from './team.module.css';

export default function InboxesPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const list = useQuery(inboxesQuery(api));
  const hours = useQuery(hoursQuery(api)).data ?? [];
  const [editing, setEditing] = useState<Inbox | 'new'>();
  const admin = me.role === 'admin';
  const who = (i: Inbox) =>
    i.members.everyone ? t('inboxes.everyone') : t('inboxes.some', { users: i.members.users?.length ?? 0, teams: i.members.teams?.length ?? 0 });
  return (
    <Page
      title={t('inboxes.title')}
      lead={t('inboxes.lead')}
      actions={
        admin && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('inboxes.new')}
          </Button>
        )
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('inboxes.loading')} />
      ) : list.isError ? (
        <Failure title={t('inboxes.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={InboxIcon} title={t('noinbox.title')} text={t('noinbox.text')} />
      ) : (
        <Scroll label={t('inboxes.title')}>
          <ul className={s.cards}>
            {list.data.map((i) => (
              <li key={i.id}>
                <Icon as={InboxIcon} size="s" />
                <div>
                  <b>{i.name}</b>
                  <p className={s.text}>
                    {who(i)} · {hours.find((h) => h.id === i.hours)?.name ?? t('inboxes.always')}
                  </p>
                </div>
                {admin && (
                  <Button onClick={() => setEditing(i)} aria-label={t('inboxes.editOf', { name: i.name })}>
                    {t('teams.edit')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'inboxes.new' : 'inboxes.edit')}>
        {editing && <Form inbox={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} />}
      </Dialog>
    </Page>
  );
}

function Form({ inbox, close }: { inbox?: Inbox; close: () => void }) {
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
  const [busy, setBusy] = useState(false);
  const flip = (set: Set<string>, id: string) => {
    const next = new Set(set);
    if (!next.delete(id)) next.add(id);
    return next;
  };
  const submit = async () => {
    setBusy(true);
    setWrong('');
    try {
      const id = inbox?.id ?? (await api.newInbox(name.trim())).id;
      if (inbox && name.trim() !== inbox.name) await api.renameInbox(id, name.trim());
      if (!inbox || changed(inbox, everyone, members, groups)) {
        await api.setMembers(id, everyone ? { everyone } : { everyone, users: [...members], teams: [...groups] });
      }
      if (worked !== (inbox?.hours ?? '')) await api.setInboxHours(id, worked);
      close();
    } catch (err) {
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
      {!everyone && (
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
        <p role="alert" className={s.wrong}>
          {wrong}
        </p>
      )}
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || !name.trim()}>
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
