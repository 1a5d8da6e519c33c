/** Who is in: their role, how much they get at once, whether they are away; inviting, disabling, and handing over what somebody leaves. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ellipsis, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, loadQuery, usersQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useMe, useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Button, IconButton } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import { Tag } from '~/ui/Tag';
import type { Role, User } from '~core/wire';
import { HandOver } from './HandOver';
import { Invite } from './Invite';
import s from './team.module.css';

export const roles: Role[] = ['admin', 'manager', 'agent', 'viewer'];

type Doing = { user: User; what: 'disable' | 'handover' | 'capacity' } | undefined;

export default function MembersPage() {
  const { t } = useT();
  const { api } = useServices();
  const users = useQuery(usersQuery(api));
  const [inviting, setInviting] = useState(false);
  const admin = useMay('admin');
  const manager = useMay('manager');
  const all = [...(users.data ?? [])].sort((a, b) => Number(!!a.disabled) - Number(!!b.disabled) || a.name.localeCompare(b.name));
  return (
    <Page
      title={t('members.title')}
      lead={t('members.lead')}
      actions={
        admin && (
          <Button onClick={() => setInviting(true)}>
            <Icon as={UserPlus} size="s" />
            {t('members.invite')}
          </Button>
        )
      }
    >
      {users.isPending ? (
        <RowsSkeleton label={t('members.loading')} />
      ) : users.isError ? (
        <Failure title={t('members.failed')} error={users.error} retry={() => void users.refetch()} />
      ) : (
        <Scroll label={t('members.title')}>
          <p className={s.hint}>
            {!admin && `${t(manager ? 'members.managers' : 'members.adminsOnly')} `}
            <Link to="/settings/$section/{-$item}" params={{ section: 'roles', item: undefined }}>
              {t('members.roles')}
            </Link>
          </p>
          <Rows users={all} admin={admin} manager={manager} />
        </Scroll>
      )}
      <Dialog open={inviting} onClose={() => setInviting(false)} title={t('members.invite')}>
        <Invite close={() => setInviting(false)} />
      </Dialog>
    </Page>
  );
}

/** Managers say how much somebody gets and whether they are there, admins everything else too. */
function Rows({ users, admin, manager }: { users: User[]; admin: boolean; manager: boolean }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const me = useMe();
  const client = useQueryClient();
  const load = useQuery(loadQuery(api)).data?.people;
  const [doing, setDoing] = useState<Doing>();
  const run = (change: Promise<unknown>, failed: Key, done?: () => void) =>
    void change
      .then(() => {
        void client.invalidateQueries({ queryKey: keys.users });
        void client.invalidateQueries({ queryKey: keys.load });
        done?.();
      })
      .catch((err: unknown) => toasts.show(`${t(failed)} ${reason(err, t)}`));
  const n = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const pick = (u: User, what: string) => {
    if (what === 'away' || what === 'there') run(api.setAvailabilityOf(u.id, what === 'there'), 'members.availabilityFailed');
    else if (what === 'enable') run(api.setAccess(u.id, false), 'members.accessFailed', () => toasts.show(t('members.enabled', { name: u.name })));
    else setDoing({ user: u, what: what as NonNullable<Doing>['what'] });
  };
  return (
    <>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('members.who')}</th>
            <th scope="col">{t('members.role')}</th>
            <th scope="col">{t('members.load')}</th>
            <th scope="col">{t('members.state')}</th>
            {manager && (
              <th scope="col">
                <span className="sr">{t('thread.more')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {users.map((u) => {
            const l = load?.find((x) => x.user === u.id);
            const works = !u.disabled && u.role !== 'viewer';
            const items = [
              ...(works ? [{ value: 'capacity', label: t('members.capacity') }] : []),
              ...(works && l && u.id !== me.id
                ? [l.away ? { value: 'there', label: t('members.setThere') } : { value: 'away', label: t('members.setAway') }]
                : []),
              ...(admin ? [{ value: 'handover', label: t('members.handover') }] : []),
              ...(admin && u.id !== me.id
                ? [u.disabled ? { value: 'enable', label: t('members.enable') } : { value: 'disable', label: t('members.disable') }]
                : []),
            ];
            return (
              <tr key={u.id} data-off={u.disabled || undefined}>
                <th scope="row">
                  <span className={s.who}>
                    <Avatar id={u.id} name={u.name} address={u.email} size="sm" />
                    <span>
                      <b>{u.id === me.id ? t('assign.me', { name: u.name }) : u.name}</b>
                      <small>{u.email}</small>
                    </span>
                  </span>
                </th>
                <td>
                  {admin && u.id !== me.id && !u.disabled ? (
                    <select
                      className={s.select}
                      value={u.role}
                      aria-label={t('members.roleOf', { name: u.name })}
                      onChange={(e) => run(api.setRole(u.id, e.target.value as Role), 'members.roleFailed')}
                    >
                      {roles.map((r) => (
                        <option key={r} value={r}>
                          {t(`role.${r}`)}
                        </option>
                      ))}
                    </select>
                  ) : (
                    t(`role.${u.role}`)
                  )}
                </td>
                <td>{l && !u.disabled && t('members.loadOf', { load: n.format(l.load), capacity: n.format(l.capacity) })}</td>
                <td>
                  {u.disabled ? (
                    <Tag>{t('members.disabled')}</Tag>
                  ) : l?.away ? (
                    <Tag tone="warn">{t('members.away')}</Tag>
                  ) : (
                    <Tag tone="ok">{t('members.there')}</Tag>
                  )}
                </td>
                {manager && (
                  <td className={s.end}>
                    {items.length > 0 && (
                      <Menu
                        onSelect={(v) => pick(u, v)}
                        groups={[{ items }]}
                        trigger={
                          <IconButton label={t('members.moreOf', { name: u.name })} small>
                            <Icon as={Ellipsis} size="s" />
                          </IconButton>
                        }
                      />
                    )}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      <Dialog
        open={doing?.what === 'disable'}
        onClose={() => setDoing(undefined)}
        title={t('members.disableTitle', { name: doing?.user.name ?? '' })}
      >
        <p className={s.text}>{t('members.disableText')}</p>
        <div className={s.buttons}>
          <Button onClick={() => setDoing(undefined)}>{t('action.cancel')}</Button>
          <Button
            kind="primary"
            data-first
            onClick={() => {
              const user = doing?.user;
              setDoing(undefined);
              if (user) run(api.setAccess(user.id, true), 'members.accessFailed', () => setDoing({ user, what: 'handover' }));
            }}
          >
            {t('members.disable')}
          </Button>
        </div>
      </Dialog>
      <Dialog
        open={doing?.what === 'handover'}
        onClose={() => setDoing(undefined)}
        title={t('members.handoverTitle', { name: doing?.user.name ?? '' })}
      >
        {doing && <HandOver from={doing.user} close={() => setDoing(undefined)} />}
      </Dialog>
      <Dialog
        open={doing?.what === 'capacity'}
        onClose={() => setDoing(undefined)}
        title={t('members.capacityTitle', { name: doing?.user.name ?? '' })}
      >
        {doing && (
          <Capacity user={doing.user} save={(c) => run(api.setCapacity(doing.user.id, c), 'members.capacityFailed', () => setDoing(undefined))} />
        )}
      </Dialog>
    </>
  );
}

function Capacity({ user, save }: { user: User; save: (c: number) => void }) {
  const { t } = useT();
  const [value, setValue] = useState(String(user.capacity || ''));
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        save(Number(value) || 0);
      }}
    >
      <label className={s.label}>
        {t('members.capacity')}
        <input className={s.number} type="number" min={0} max={1000} step={0.5} value={value} onChange={(e) => setValue(e.target.value)} data-first />
      </label>
      <p className={s.text}>{t('members.capacityText')}</p>
      <div className={s.buttons}>
        <Button kind="primary" type="submit">
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
