import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import type { Inbox, Plan } from '~core/wire';
import { RoutingWhy } from './RoutingWhy';
import s from './routing.module.css';
import { useFlows } from './sources';

/** Who would get such a message now by these rules, kept or not; nothing is changed. */
export function Try({ inbox, plan }: { inbox: Inbox; plan: Plan }) {
  const { t } = useT();
  const { api } = useServices();
  const [account, setAccount] = useState(inbox.accounts[0]?.id ?? '');
  const flows = useFlows()(account);
  const [flow, setFlow] = useState('');
  const [subject, setSubject] = useState('');
  const [from, setFrom] = useState('');
  const run = useMutation({
    mutationFn: () => {
      const { rules, sources, rest, awayMinutes } = plan;
      const channel = inbox.accounts.find((a) => a.id === account)?.channel ?? 'email';
      const domain = from.split('@')[1];
      return api.tryRouting(inbox.id, {
        plan: { rules, sources, rest, awayMinutes },
        channel,
        account,
        ...(flows.some((f) => f.id === flow) ? { chatflow: flow } : {}),
        subject,
        text: subject,
        ...(from ? { contact: { email: from, ...(domain ? { domain } : {}) } } : {}),
      });
    },
  });
  const got = run.data;
  return (
    <aside className={s.try} aria-labelledby="routes-try">
      <h2 id="routes-try">{t('routes.try')}</h2>
      <p>{t('routes.tryText')}</p>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          run.mutate();
        }}
      >
        <label className={s.way}>
          {t('routes.kind.account')}
          <select value={account} onChange={(e) => setAccount(e.target.value)}>
            {inbox.accounts.map((a) => (
              <option key={a.id} value={a.id}>
                {a.address || a.name}
              </option>
            ))}
          </select>
        </label>
        {flows.length > 0 && (
          <label className={s.way}>
            {t('routes.flow')}
            <select value={flow} onChange={(e) => setFlow(e.target.value)}>
              <option value="">{t('people.none')}</option>
              {flows.map((f) => (
                <option key={f.id} value={f.id}>
                  {f.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <Field label={t('routes.trySubject')} value={subject} maxLength={1000} onChange={(e) => setSubject(e.target.value)} />
        <Field label={t('routes.tryFrom')} type="email" value={from} maxLength={254} onChange={(e) => setFrom(e.target.value.trim())} />
        <Button type="submit" disabled={run.isPending}>
          {t('routes.tryDo')}
        </Button>
      </form>
      {run.isError && (
        <p role="alert" className={s.wrong}>
          {reason(run.error, t)}
        </p>
      )}
      {got && (
        <div className={s.got} role="status">
          <b>
            {got.chosen ? t('routes.gets', { name: got.chosen.name || got.chosen.id }) : t(got.waits ? 'event.routingWaits' : 'event.routedNobody')}
          </b>
          <RoutingWhy routing={got} />
        </div>
      )}
    </aside>
  );
}
