/** The pieces of work that were made from conversations with this contact. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { keys, ticketsQuery } from '~/app/queries';
import { useWorks } from '~/app/rights';
import { useServices } from '~/app/services';
import details from '~/features/thread/Details.module.css';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import type { Summary, Ticket } from '~core/wire';
import { Editable } from './Editable';
import s from './people.module.css';

const stages = ['new', 'waiting', 'open', 'closed'] as const;

export function Tickets({ head }: { head: Summary }) {
  const { t } = useT();
  const { api } = useServices();
  const works = useWorks(head.inbox);
  const query = useQuery(ticketsQuery(api, head.id));
  const [making, setMaking] = useState(false);
  const list = query.data ?? [];
  return (
    <section className={details.sec} aria-labelledby="tickets">
      <h3 id="tickets">
        {t('tickets.title')} {list.length > 0 && <span>{list.length}</span>}
      </h3>
      {query.isError && !query.data ? (
        <p className={s.quiet}>{t('tickets.failed')}</p>
      ) : list.length > 0 ? (
        <ul className={s.tickets}>
          {list.map((k) => (
            <Row key={k.id} ticket={k} works={works} thread={head.id} />
          ))}
        </ul>
      ) : (
        query.data && !making && <p className={s.quiet}>{t('tickets.none')}</p>
      )}
      {works && (making ? <Make head={head} close={() => setMaking(false)} /> : <Begin begin={() => setMaking(true)} />)}
    </section>
  );
}

function Begin({ begin }: { begin: () => void }) {
  const { t } = useT();
  return (
    <Button kind="quiet" className={s.make} onClick={begin}>
      <Icon as={Plus} size="s" />
      {t('tickets.make')}
    </Button>
  );
}

function Row({ ticket: k, works, thread }: { ticket: Ticket; works: boolean; thread: string }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const { queryKey } = ticketsQuery(api, thread);
  const put = async (edit: Partial<Pick<Ticket, 'subject' | 'stage'>>) => {
    try {
      const { subject, stage, version } = { ...k, ...edit };
      const saved = await api.putTicket(k.id, { subject, stage, version });
      client.setQueryData(queryKey, (all) => all?.map((x) => (x.id === k.id ? saved : x)));
    } finally {
      void client.invalidateQueries({ queryKey: keys.tickets });
    }
  };
  const change = (stage: Ticket['stage']) => {
    client.setQueryData(queryKey, (all) => all?.map((x) => (x.id === k.id ? { ...x, stage } : x)));
    put({ stage }).catch((err: unknown) => toasts.show(`${t('tickets.changeFailed')} ${reason(err, t)}`));
  };
  const call = async (subject: string) => {
    if (!subject) return t('tickets.nameless');
    try {
      await put({ subject });
      return undefined;
    } catch (err) {
      return reason(err, t);
    }
  };
  return (
    <li>
      <b>#{k.number}</b>
      {works ? (
        <Editable label={t('tickets.subjectOf', { number: k.number })} value={k.subject} most={200} save={call} />
      ) : (
        <span className={s.plain}>{k.subject}</span>
      )}
      {works ? (
        <select aria-label={t('tickets.stageOf', { number: k.number })} value={k.stage} onChange={(e) => change(e.target.value as Ticket['stage'])}>
          {stages.map((x) => (
            <option key={x} value={x}>
              {t(`tickets.stage.${x}`)}
            </option>
          ))}
        </select>
      ) : (
        <small>{t(`tickets.stage.${k.stage}`)}</small>
      )}
    </li>
  );
}

function Make({ head, close }: { head: Summary; close: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const [subject, setSubject] = useState(head.subject.slice(0, 200));
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const key = useRef(crypto.randomUUID());
  const submit = async () => {
    setBusy(true);
    try {
      await api.makeTicket(head.id, subject.trim(), key.current);
      await client.invalidateQueries({ queryKey: keys.tickets });
      close();
    } catch (err) {
      setWrong(reason(err, t));
      setBusy(false);
    }
  };
  return (
    <form
      className={s.makes}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field label={t('tickets.subject')} value={subject} maxLength={200} autoFocus error={wrong} onChange={(e) => setSubject(e.target.value)} />
      <div>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || !subject.trim()}>
          {t('tickets.makeDo')}
        </Button>
      </div>
    </form>
  );
}
