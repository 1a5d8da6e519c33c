/** Who may be the same person, and why; merging and taking a merge back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Key, useT } from '~/app/locale';
import { duplicatesQuery, keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import type { Person } from '~core/wire';
import s from './ContactPage.module.css';

const reasons: Record<string, Key> = {
  address: 'people.alike.address',
  phone: 'people.alike.phone',
  name: 'people.alike.name',
  company: 'people.alike.company',
};

export function Alike({ person }: { person: Person }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const alike = useQuery(duplicatesQuery(api, person.id)).data ?? [];
  const run = (change: Promise<unknown>, failed: Key, done?: () => void) =>
    void change
      .then(() => {
        void client.invalidateQueries({ queryKey: keys.contact(person.id) });
        void client.invalidateQueries({ queryKey: keys.contacts });
        done?.();
      })
      .catch((err: unknown) => toasts.show(`${t(failed)} ${reason(err, t)}`));
  const merge = (other: Person) =>
    run(api.merge(person.id, other.id), 'people.mergeFailed', () =>
      toasts.show(t('people.merged', { name: other.name || other.address || '' }), {
        label: t('action.undo'),
        run: () => run(api.unmerge(person.id, other.id), 'people.unmergeFailed'),
      }),
    );
  if (alike.length === 0) return null;
  return (
    <section className={s.alike} aria-labelledby="alike">
      <h2 id="alike">{t('people.alike')}</h2>
      <ul>
        {alike.map(({ contact: c, reasons: why }) => (
          <li key={c.id}>
            <Avatar id={c.id} name={c.name} address={c.address} size="sm" />
            <div>
              <Link to="/contacts/$contact" params={{ contact: c.id }}>
                {c.name || c.address || c.phone}
              </Link>
              <small>{[c.name && c.address, ...why.map((w) => reasons[w] && t(reasons[w]))].filter(Boolean).join(' · ')}</small>
            </div>
            <Button onClick={() => merge(c)}>{t('people.merge')}</Button>
            <Button kind="quiet" onClick={() => run(api.keepApart(person.id, c.id), 'people.apartFailed')}>
              {t('people.apart')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
