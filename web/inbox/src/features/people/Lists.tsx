/** The lists that a contact was put on by hand, or by a bot. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { useT } from '~/app/locale';
import { contactListsQuery, keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import type { ContactView, Person } from '~core/wire';
import s from './ContactPage.module.css';

export function Lists({ person, may }: { person: Person; may: boolean }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const all = (useQuery(contactListsQuery(api)).data ?? []).filter((l) => l.kind === 'static');
  const on = all.filter((l) => person.lists?.includes(l.id)); // one that is gone is not shown
  const others = all.filter((l) => !on.includes(l));
  const change = (changed: Promise<ContactView>) =>
    void changed
      .then((view) => {
        client.setQueryData<ContactView>(keys.contact(person.id), view);
        void client.invalidateQueries({ queryKey: [...keys.contact(person.id), 'timeline'] });
        void client.invalidateQueries({ queryKey: keys.contacts });
      })
      .catch((err: unknown) => toasts.show(`${t('lists.changeFailed')} ${reason(err, t)}`));
  return (
    <section aria-labelledby="lists">
      <h2 id="lists" className={s.sub}>
        {t('lists.title')}
      </h2>
      {on.length > 0 ? (
        <ul className={s.chips}>
          {on.map((l) => (
            <li key={l.id}>
              <Link to="/contacts" search={{ list: l.id }}>
                {l.name}
              </Link>
              {may && (
                <IconButton small label={t('lists.takeOff', { name: l.name })} onClick={() => change(api.takeOffList(person.id, l.id))}>
                  <Icon as={X} size="xs" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className={s.text}>{t(all.length ? 'lists.none' : 'lists.noneYet')}</p>
      )}
      {may && others.length > 0 && (
        <Menu
          placement="bottom-start"
          trigger={
            <Button kind="quiet" className={s.addTo}>
              <Icon as={Plus} size="s" />
              {t('lists.addTo')}
            </Button>
          }
          groups={[{ items: others.map((l) => ({ value: l.id, label: l.name })) }]}
          onSelect={(id) => change(api.putOnList(person.id, id))}
        />
      )}
    </section>
  );
}
