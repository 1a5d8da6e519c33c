/** Who gets new conversations: rules in their order, what single channels say, and everything else; tried before it is kept. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, ChevronDown, Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { inboxesQuery, keys, routingQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useServices } from '~/app/services';
import type { SectionProps } from '~/features/settings/sections';
import { Button, IconButton } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { RowsSkeleton } from '~/ui/Skeleton';
import { Switch } from '~/ui/Switch';
import type { Inbox, Plan, PlanRule } from '~core/wire';
import { RuleForm } from './RuleForm';
import s from './routing.module.css';
import { useSources } from './sources';
import { TargetForm } from './TargetForm';
import { Try } from './Try';
import { useWords } from './words';

export default function RoutingPage({ item }: SectionProps) {
  const { t } = useT();
  const { api } = useServices();
  const navigate = useNavigate();
  const inboxes = useQuery(inboxesQuery(api));
  const inbox = inboxes.data?.find((i) => i.id === item) ?? inboxes.data?.[0];
  const choice = inbox && (inboxes.data?.length ?? 0) > 1 && (
    <Menu
      onSelect={(id) => void navigate({ to: '/settings/$section/{-$item}', params: { section: 'routing', item: id } })}
      groups={[{ items: (inboxes.data ?? []).map((i) => ({ value: i.id, label: i.name, checked: i.id === inbox.id })) }]}
      trigger={
        <Button aria-label={t('view.switch', { name: inbox.name })}>
          {inbox.name}
          <Icon as={ChevronDown} size="xs" />
        </Button>
      }
    />
  );
  return (
    <Page title={t('routes.title')} lead={t('routes.lead')} actions={choice}>
      {inboxes.isPending ? (
        <RowsSkeleton label={t('routes.loading')} />
      ) : inboxes.isError ? (
        <Failure title={t('routes.failed')} error={inboxes.error} retry={() => void inboxes.refetch()} />
      ) : inbox ? (
        <OfInbox key={inbox.id} inbox={inbox} />
      ) : (
        <Empty icon={Plus} title={t('noinbox.title')} text={t('noinbox.text')} />
      )}
    </Page>
  );
}

function OfInbox({ inbox }: { inbox: Inbox }) {
  const { t } = useT();
  const { api } = useServices();
  const query = useQuery(routingQuery(api, inbox.id));
  if (query.isPending) return <RowsSkeleton label={t('routes.loading')} />;
  if (query.isError) return <Failure title={t('routes.failed')} error={query.error} retry={() => void query.refetch()} />;
  return (
    <Scroll label={t('routes.title')}>
      <Editor key={query.data.revision ?? 0} inbox={inbox} kept={query.data} />
    </Scroll>
  );
}

/** Nothing is kept until it is saved, so that a change can be tried as a whole. */
function Editor({ inbox, kept }: { inbox: Inbox; kept: Plan }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const words = useWords(inbox);
  const [plan, setPlan] = useState(kept);
  const [editing, setEditing] = useState<number | 'new'>();
  const [busy, setBusy] = useState(false);
  const may = useMay('manager');
  const sources = useSources(inbox, plan);
  const changed = JSON.stringify(plan) !== JSON.stringify(kept);
  const setRules = (rules: PlanRule[]) => setPlan({ ...plan, rules });
  const move = (at: number, by: number) => {
    const rules = [...plan.rules];
    const [rule] = rules.splice(at, 1);
    if (rule) rules.splice(at + by, 0, rule);
    setRules(rules);
  };
  const save = async () => {
    setBusy(true);
    try {
      const { rules, sources, rest, awayMinutes } = plan;
      client.setQueryData(keys.routing(inbox.id), await api.setRouting(inbox.id, { rules, sources, rest, awayMinutes }, kept.revision ?? 0));
      toasts.show(t('routes.saved'));
    } catch (err) {
      toasts.show(`${t('routes.saveFailed')} ${reason(err, t)}`);
      setBusy(false);
    }
  };
  const rule = editing === 'new' ? undefined : editing === undefined ? undefined : plan.rules[editing];
  return (
    <div className={s.page}>
      <div className={s.main}>
        <section aria-labelledby="routes-rules">
          <h2 id="routes-rules">{t('routes.rules')}</h2>
          <p>{t('routes.rulesText')}</p>
          <ol className={s.rules}>
            {plan.rules.map((r, i) => (
              <li key={r.id ?? `new${i}`} data-off={!r.on || undefined}>
                <span className={s.n}>{i + 1}</span>
                <div>
                  <b>{r.name}</b>
                  <p>
                    {words.conditions(r.if)} → {words.target(r.then)}
                  </p>
                </div>
                {may && (
                  <span className={s.tools}>
                    <IconButton label={t('routes.up', { name: r.name })} small disabled={i === 0} onClick={() => move(i, -1)}>
                      <Icon as={ArrowUp} size="s" />
                    </IconButton>
                    <IconButton label={t('routes.down', { name: r.name })} small disabled={i === plan.rules.length - 1} onClick={() => move(i, 1)}>
                      <Icon as={ArrowDown} size="s" />
                    </IconButton>
                    <Button onClick={() => setEditing(i)} aria-label={t('routes.editOf', { name: r.name })}>
                      {t('teams.edit')}
                    </Button>
                  </span>
                )}
              </li>
            ))}
          </ol>
          {may && (
            <Button onClick={() => setEditing('new')}>
              <Icon as={Plus} size="s" />
              {t('routes.new')}
            </Button>
          )}
        </section>
        {sources.length > 0 && (
          <section aria-labelledby="routes-sources">
            <h2 id="routes-sources">{t('routes.sources')}</h2>
            <p>{t('routes.sourcesText')}</p>
            {sources.map((x) => {
              const own = plan.sources[x.id];
              return (
                <fieldset key={x.id} className={s.source} disabled={!may} data-part={x.part || undefined}>
                  <legend>{x.name}</legend>
                  <Switch
                    label={t('routes.own')}
                    on={!!own}
                    set={(on) => {
                      const sources = { ...plan.sources };
                      if (on) sources[x.id] = { kind: 'none' };
                      else delete sources[x.id];
                      setPlan({ ...plan, sources });
                    }}
                  />
                  {own && (
                    <TargetForm id={x.id} inbox={inbox} value={own} set={(v) => setPlan({ ...plan, sources: { ...plan.sources, [x.id]: v } })} />
                  )}
                </fieldset>
              );
            })}
          </section>
        )}
        <section aria-labelledby="routes-rest">
          <h2 id="routes-rest">{t('routes.rest')}</h2>
          <fieldset className={s.source} disabled={!may}>
            <legend className="sr">{t('routes.rest')}</legend>
            <TargetForm id="rest" inbox={inbox} value={plan.rest} set={(rest) => setPlan({ ...plan, rest })} />
          </fieldset>
          <label className={s.away}>
            {t('routes.away')}
            <input
              type="number"
              min={0}
              max={10080}
              value={plan.awayMinutes}
              disabled={!may}
              onChange={(e) => setPlan({ ...plan, awayMinutes: Math.max(0, Number(e.target.value) || 0) })}
            />
          </label>
        </section>
        {may && (
          <div className={s.save}>
            <Button onClick={() => setPlan(kept)} disabled={!changed || busy}>
              {t('routes.discard')}
            </Button>
            <Button kind="primary" onClick={() => void save()} disabled={!changed || busy}>
              {t('action.save')}
            </Button>
          </div>
        )}
      </div>
      <Try inbox={inbox} plan={plan} />
      <Dialog open={editing !== undefined} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'routes.new' : 'routes.edit')}>
        {editing !== undefined && (
          <RuleForm
            inbox={inbox}
            rule={rule}
            done={(next) => {
              if (editing === 'new') setRules(next ? [...plan.rules, next] : plan.rules);
              else setRules(plan.rules.flatMap((r, i) => (i !== editing ? [r] : next ? [next] : [])));
              setEditing(undefined);
            }}
            close={() => setEditing(undefined)}
          />
        )}
      </Dialog>
    </div>
  );
}
