import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, Bot, Plus, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { Switch } from '~/ui/Switch';
import { Tag } from '~/ui/Tag';
import type { ChatView, Condition, Flow, Rule } from '~core/wire';
import s from './ChatsPage.module.css';
import { useChange } from './changes';
import { targetingText } from './words';

const NewBot = lazy(() => import('~/features/bots/NewBot'));

/** The chatflows in order: the first that shows on a page is used. One is edited at a time. */
export function Flows({ chat, fixed }: { chat: ChatView; fixed: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const change = useChange();
  const [editing, setEditing] = useState('');
  const [making, setMaking] = useState(false);
  const account = chat.account.id;
  const move = (from: number, by: number) => {
    const ids = chat.flows.map((f) => f.id);
    const [id] = ids.splice(from, 1);
    if (id) ids.splice(from + by, 0, id);
    void change.run(() => api.orderFlows(account, ids));
  };
  const fresh: Flow = {
    id: '',
    account,
    name: t('chats.newFlow'),
    on: false,
    targeting: {},
    welcome: '',
    askEmail: 'after',
    away: { mode: 'message' },
    version: 0,
  };
  return (
    <section className={s.group} aria-labelledby="chat-flows">
      <h2 id="chat-flows">{t('chats.flows')}</h2>
      <p>{t('chats.flowsText')}</p>
      <div className={`${s.card} ${s.flows}`}>
        {chat.flows.map((f, i) => (
          <div key={f.id} className={s.flow}>
            <div className={s.flowHead}>
              <span className={s.no}>{i + 1}</span>
              <div>
                <b>{f.name}</b> {!f.on && <Tag>{t('chats.verdict.off')}</Tag>} {f.bot && <Tag tone="info">{t('chats.bot')}</Tag>}{' '}
                {f.bot && !f.published && <Tag tone="warn">{t('chats.botDraft')}</Tag>}
                <small>{targetingText(t, f)}</small>
              </div>
              {fixed && f.bot && <BuilderLink flow={f} />}
              {!fixed && (
                <div className={s.row}>
                  {f.bot && <BuilderLink flow={f} />}
                  <IconButton label={t('chats.up', { name: f.name })} small disabled={i === 0 || change.busy} onClick={() => move(i, -1)}>
                    <Icon as={ArrowUp} size="s" />
                  </IconButton>
                  <IconButton
                    label={t('chats.down', { name: f.name })}
                    small
                    disabled={i === chat.flows.length - 1 || change.busy}
                    onClick={() => move(i, 1)}
                  >
                    <Icon as={ArrowDown} size="s" />
                  </IconButton>
                  <Button aria-expanded={editing === f.id} onClick={() => setEditing(editing === f.id ? '' : f.id)}>
                    {t('chats.edit')}
                  </Button>
                </div>
              )}
            </div>
            {editing === f.id && <Editor key={f.version} flow={f} close={() => setEditing('')} />}
          </div>
        ))}
        {!fixed && (
          <div className={s.flow}>
            {editing === 'new' ? (
              <Editor flow={fresh} close={() => setEditing('')} />
            ) : (
              <div className={s.row}>
                <Button onClick={() => setEditing('new')}>
                  <Icon as={Plus} size="s" />
                  {t('chats.addFlow')}
                </Button>
                <Button onClick={() => setMaking(true)}>
                  <Icon as={Bot} size="s" />
                  {t('chats.addBot')}
                </Button>
              </div>
            )}
          </div>
        )}
      </div>
      {making && (
        <Suspense fallback={null}>
          <NewBot account={account} close={() => setMaking(false)} />
        </Suspense>
      )}
    </section>
  );
}

function BuilderLink({ flow }: { flow: Flow }) {
  const { t } = useT();
  return (
    <Link
      to="/settings/chat/$account/$flow"
      params={{ account: flow.account, flow: flow.id }}
      className={s.builder}
      aria-label={t('chats.openBuilder', { name: flow.name })}
    >
      {t('chats.builder')}
    </Link>
  );
}

function Editor({ flow, close }: { flow: Flow; close: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const change = useChange();
  const [f, setF] = useState(flow);
  const patch = (p: Partial<Flow>) => setF({ ...f, ...p });
  const targeting = (p: Partial<Flow['targeting']>) => patch({ targeting: { ...f.targeting, ...p } });
  const save = async () => {
    if (await change.run(() => (f.id ? api.setFlow(f) : api.newFlow(f)), t('chats.saved'))) close();
  };
  const remove = async () => {
    if (await change.run(() => api.removeFlow(f), t('chats.removed', { name: f.name }))) close();
  };
  return (
    <div className={s.rules}>
      <Field label={t('chats.flowName')} value={f.name} maxLength={80} onChange={(e) => patch({ name: e.target.value })} />
      <Switch label={t('chats.on')} on={f.on} set={(on) => patch({ on })} />
      <label className={s.select}>
        {t('chats.welcome')}
        <textarea rows={2} maxLength={1000} value={f.welcome} onChange={(e) => patch({ welcome: e.target.value })} />
      </label>
      <div className={s.pair}>
        <label className={s.select}>
          {t('chats.askEmail')}
          <select value={f.askEmail} onChange={(e) => patch({ askEmail: e.target.value as Flow['askEmail'] })}>
            {(['before', 'after', 'never'] as const).map((v) => (
              <option key={v} value={v}>
                {t(`chats.ask.${v}`)}
              </option>
            ))}
          </select>
        </label>
        <label className={s.select}>
          {t('chats.away')}
          <select value={f.away.mode} onChange={(e) => patch({ away: { ...f.away, mode: e.target.value as Flow['away']['mode'] } })}>
            {(['message', 'form', 'hide'] as const).map((v) => (
              <option key={v} value={v}>
                {t(`chats.away.${v}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {f.away.mode !== 'hide' && (
        <Field
          label={t('chats.awayText')}
          value={f.away.text ?? ''}
          maxLength={1000}
          onChange={(e) => patch({ away: { ...f.away, text: e.target.value } })}
        />
      )}
      <Rules label={t('chats.showOn')} none={t('chats.everywhere')} rules={f.targeting.rules ?? []} set={(rules) => targeting({ rules })} />
      <Rules label={t('chats.neverOn')} none={t('chats.nowhere')} rules={f.targeting.exclude ?? []} set={(exclude) => targeting({ exclude })} />
      <div className={`${s.row} ${s.end}`}>
        {f.id && (
          <Button onClick={() => void remove()} disabled={change.busy}>
            {t('chats.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" onClick={() => void save()} disabled={change.busy}>
          {t('action.save')}
        </Button>
      </div>
    </div>
  );
}

const blank: Condition = { kind: 'url', op: 'contains', value: '' };

/** Rules of which one has to fit; within a rule all conditions have to hold. */
function Rules({ label, none, rules, set }: { label: string; none: string; rules: Rule[]; set: (r: Rule[]) => void }) {
  const { t } = useT();
  const put = (i: number, conditions: Condition[]) =>
    set(conditions.length ? rules.map((r, n) => (n === i ? { conditions } : r)) : rules.filter((_, n) => n !== i));
  return (
    <fieldset className={s.rules}>
      <legend>{label}</legend>
      {rules.length === 0 && <p className={s.ink}>{none}</p>}
      {rules.map((r, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have no names; they are edited in place
        <div key={i} className={s.rule}>
          {r.conditions.map((c, n) => (
            <OneCondition
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={n}
              c={c}
              set={(next) =>
                put(
                  i,
                  r.conditions.map((x, m) => (m === n ? next : x)),
                )
              }
              remove={() =>
                put(
                  i,
                  r.conditions.filter((_, m) => m !== n),
                )
              }
            />
          ))}
          <div className={s.row}>
            <Button onClick={() => put(i, [...r.conditions, blank])}>{t('chats.addCondition')}</Button>
          </div>
        </div>
      ))}
      <div className={s.row}>
        <Button onClick={() => set([...rules, { conditions: [blank] }])}>{t('chats.addRule')}</Button>
      </div>
    </fieldset>
  );
}

const ops = ['is', 'contains', 'begins', 'ends', 'matches', 'exists'] as const;

function OneCondition({ c, set, remove }: { c: Condition; set: (c: Condition) => void; remove: () => void }) {
  const { t } = useT();
  const value = `${c.not ? 'not.' : ''}${c.op}`;
  const shown = ops.filter((op) => c.kind === 'query' || op !== 'exists');
  return (
    <div className={s.cond}>
      <select
        aria-label={t('chats.cond.what')}
        value={c.kind}
        onChange={(e) =>
          set(e.target.value === 'query' ? { ...c, kind: 'query', name: c.name ?? '' } : { kind: 'url', op: 'contains', value: c.value ?? '' })
        }
      >
        <option value="url">{t('chats.cond.url')}</option>
        <option value="query">{t('chats.cond.parameter')}</option>
      </select>
      <select
        aria-label={t('chats.cond.how')}
        value={value}
        onChange={(e) => {
          const not = e.target.value.startsWith('not.');
          set({ ...c, not, op: e.target.value.replace('not.', '') as Condition['op'] });
        }}
      >
        {shown.flatMap((op) =>
          [op, `not.${op}`].map((v) => (
            <option key={v} value={v}>
              {t(`chats.op.${v}` as Key)}
            </option>
          )),
        )}
      </select>
      <span className={s.row}>
        {c.kind === 'query' && (
          <input aria-label={t('chats.cond.parameter')} value={c.name ?? ''} maxLength={200} onChange={(e) => set({ ...c, name: e.target.value })} />
        )}
        {c.op !== 'exists' && (
          <input aria-label={t('chats.cond.value')} value={c.value ?? ''} maxLength={500} onChange={(e) => set({ ...c, value: e.target.value })} />
        )}
      </span>
      <IconButton label={t('chats.cond.remove')} small onClick={remove}>
        <Icon as={X} size="s" />
      </IconButton>
    </div>
  );
}
