/** What each role may do, as the server says. */
import { useQuery } from '@tanstack/react-query';
import { Check, Minus } from 'lucide-react';
import { Text, useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { rolesQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { RoleView } from '~core/wire';
import s from './RolesPage.module.css';
import { others, rightGroups } from './rights';

export default function RolesPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const roles = useQuery(rolesQuery(api));
  return (
    <Page title={t('rights.title')} lead={t('rights.lead')}>
      {roles.isPending ? (
        <RowsSkeleton label={t('rights.loading')} />
      ) : roles.isError ? (
        <Failure title={t('rights.failed')} error={roles.error} retry={() => void roles.refetch()} />
      ) : (
        <Scroll label={t('rights.title')}>
          <p className={s.text}>
            <Text k="rights.yours" values={{ role: t(`role.${me.role}`) }} bold={['role']} /> {t('rights.where')}
          </p>
          <Rights roles={roles.data} />
        </Scroll>
      )}
    </Page>
  );
}

function Rights({ roles }: { roles: RoleView[] }) {
  const { t } = useT();
  const me = useMe();
  const more = others(roles);
  const row = (label: string, has: (r: RoleView) => boolean) => (
    <tr key={label}>
      <th scope="row">{label}</th>
      {roles.map((r) => (
        <td key={r.role} data-yes={has(r) || undefined} data-mine={r.role === me.role || undefined}>
          <Icon as={has(r) ? Check : Minus} size="s" />
          <span className="sr">{t(has(r) ? 'rights.yes' : 'rights.no')}</span>
        </td>
      ))}
    </tr>
  );
  const head = (label: string) => (
    <tr className={s.group}>
      <th scope="rowgroup" colSpan={roles.length + 1}>
        {label}
      </th>
    </tr>
  );
  return (
    <table className={s.table}>
      <caption className="sr">{t('rights.title')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('rights.right')}</th>
          {roles.map((r) => (
            <th key={r.role} scope="col" data-mine={r.role === me.role || undefined}>
              {t(`role.${r.role}`)}
            </th>
          ))}
        </tr>
      </thead>
      {rightGroups.map((g, i) => (
        <tbody key={g.label}>
          {head(t(g.label))}
          {i === 0 && row(t('rights.every'), (r) => r.sees)}
          {g.rights.map((x) => row(t(x.label), (r) => x.needs.every((o) => r.may.includes(o))))}
        </tbody>
      ))}
      {more.length > 0 && (
        <tbody>
          {head(t('rights.others'))}
          {more.map((o) => row(o, (r) => r.may.includes(o)))}
        </tbody>
      )}
    </table>
  );
}
