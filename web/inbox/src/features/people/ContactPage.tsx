/** One contact: what is known, and everything that happened in time order. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Eraser } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, personQuery } from '~/app/queries';
import { contactRoute } from '~/app/router';
import { useMe, useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { LogSkeleton } from '~/ui/Skeleton';
import { ApiError } from '~core/api';
import type { Person } from '~core/wire';
import { About } from './About';
import { Alike } from './Alike';
import s from './ContactPage.module.css';
import { Lists } from './Lists';
import { Timeline } from './Timeline';

export function ContactPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const id = contactRoute.useParams().contact;
  const query = useQuery(personQuery(api, id));
  const person = query.data?.contact;
  const name = person ? person.name || person.address || person.phone || t('chat.visitor') : t('people.heading');
  const gone = query.error instanceof ApiError && (query.error.code === 'gone' || query.error.code === 'notfound');
  const may = me.role !== 'viewer';
  return (
    <Page title={name} actions={person && me.role === 'admin' && <Erase person={person} name={name} />}>
      {query.isPending ? (
        <LogSkeleton label={t('people.loading')} />
      ) : !person ? (
        <Failure title={t(gone ? 'people.gone' : 'people.failed')} error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Scroll label={name}>
          <div className={s.columns}>
            <section className={s.card} aria-label={t('details.about')}>
              <div className={s.who}>
                <Avatar id={person.id} name={person.name} address={person.address} size="lg" />
                <div>
                  <b>{name}</b>
                  {person.visitor && <small>{t('people.visitor')}</small>}
                  {person.claimed && <small>{t('people.claimed')}</small>}
                </div>
              </div>
              <About person={person} may={may} />
              <Names person={person} />
              <Lists person={person} may={may} />
            </section>
            <div className={s.main}>
              {may && <Alike person={person} />}
              <Timeline id={person.id} may={may} />
            </div>
          </div>
        </Scroll>
      )}
    </Page>
  );
}

/** By what else the contact is known. */
function Names({ person }: { person: Person }) {
  const { t } = useT();
  const more = (person.aliases ?? []).filter((a) => a.kind !== 'visitor' && a.value !== person.address && a.value !== person.phone);
  if (more.length === 0) return null;
  return (
    <>
      <h2 className={s.sub}>{t('people.aliases')}</h2>
      <ul className={s.names}>
        {more.map((a) => (
          <li key={`${a.kind}${a.value}`}>
            <span>{t(`people.alias.${a.kind}`)}</span> {a.value}
          </li>
        ))}
      </ul>
    </>
  );
}

function Erase({ person, name }: { person: Person; name: string }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const erase = async () => {
    setBusy(true);
    try {
      await api.erase(person.id);
      client.removeQueries({ queryKey: keys.contact(person.id) });
      void client.invalidateQueries();
      toasts.show(t('people.erased', { name }));
      await navigate({ to: '/contacts' });
    } catch (err) {
      toasts.show(`${t('people.eraseFailed')} ${reason(err, t)}`);
      setBusy(false);
      setOpen(false);
    }
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Icon as={Eraser} size="s" />
        {t('people.erase')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('people.eraseTitle', { name })}>
        <p className={s.text}>{t('people.eraseText')}</p>
        <div className={s.buttons}>
          <Button onClick={() => setOpen(false)} data-first>
            {t('action.cancel')}
          </Button>
          <Button className={s.danger} onClick={() => void erase()} disabled={busy}>
            {t('people.eraseDo')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
