import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Button, IconButton } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { Switch } from '~/ui/Switch';
import type { Inbox, PlanCondition, PlanRule } from '~core/wire';
import s from './routing.module.css';
import { TargetForm } from './TargetForm';

const kinds: PlanCondition['kind'][] = ['channel', 'account', 'subject', 'text', 'language', 'contact'];

const fresh: PlanRule = {
  name: '',
  on: true,
  if: [{ kind: 'subject', values: [] }],
  // biome-ignore lint/suspicious/noThenProperty: the API calls it so, and nobody awaits a rule
  then: { kind: 'people', way: 'least' },
};

/** One rule: it fits if all its conditions hold. */
export function RuleForm({
  inbox,
  rule,
  done,
  close,
}: {
  inbox: Inbox;
  rule?: PlanRule;
  done: (r: PlanRule | undefined) => void;
  close: () => void;
}) {
  const { t } = useT();
  const [r, setRule] = useState(rule ?? fresh);
  const edit = (at: number, c: PlanCondition) => setRule({ ...r, if: r.if.map((x, i) => (i === at ? c : x)) });
  const whole = r.name.trim() && r.if.every((c) => c.values.length > 0 && (c.kind !== 'contact' || c.property));
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        done({ ...r, name: r.name.trim() });
      }}
    >
      <Field label={t('people.name')} value={r.name} maxLength={100} data-first onChange={(e) => setRule({ ...r, name: e.target.value })} />
      <fieldset className={s.conditions}>
        <legend>{t('routes.if')}</legend>
        {r.if.map((c, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no name of its own
          <Condition key={i} inbox={inbox} value={c} set={(v) => edit(i, v)} drop={() => setRule({ ...r, if: r.if.filter((_, n) => n !== i) })} />
        ))}
        <Button onClick={() => setRule({ ...r, if: [...r.if, { kind: 'channel', values: ['email'] }] })} disabled={r.if.length >= 20}>
          <Icon as={Plus} size="s" />
          {t('routes.addIf')}
        </Button>
      </fieldset>
      <fieldset className={s.conditions}>
        <legend>{t('routes.then')}</legend>
        <TargetForm id="rule" inbox={inbox} value={r.then} set={(then) => setRule({ ...r, then })} />
      </fieldset>
      <Switch label={t('routes.on')} on={r.on} set={(on) => setRule({ ...r, on })} />
      <div className={s.save}>
        {rule && (
          <Button kind="quiet" className={s.remove} onClick={() => done(undefined)}>
            {t('routes.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={!whole}>
          {t('routes.take')}
        </Button>
      </div>
    </form>
  );
}

function Condition({ inbox, value: c, set, drop }: { inbox: Inbox; value: PlanCondition; set: (c: PlanCondition) => void; drop: () => void }) {
  const { t } = useT();
  const fixed = c.kind === 'channel' ? ['email', 'chat'] : c.kind === 'account' ? inbox.accounts.map((a) => a.id) : undefined;
  const label = (v: string) => {
    if (c.kind === 'channel') return t(v === 'chat' ? 'routes.chat' : 'routes.email');
    const a = inbox.accounts.find((x) => x.id === v);
    return a?.address || a?.name || v;
  };
  return (
    <div className={s.condition}>
      <select
        aria-label={t('routes.what')}
        value={c.kind}
        onChange={(e) => {
          const kind = e.target.value as PlanCondition['kind'];
          set({ kind, values: kind === 'channel' ? ['email'] : kind === 'account' ? inbox.accounts.slice(0, 1).map((a) => a.id) : [] });
        }}
      >
        {kinds.map((k) => (
          <option key={k} value={k}>
            {t(`routes.kind.${k}`)}
          </option>
        ))}
      </select>
      {c.kind === 'contact' && (
        <input
          value={c.property ?? ''}
          maxLength={60}
          placeholder={t('routes.property')}
          aria-label={t('routes.property')}
          onChange={(e) => set({ ...c, property: e.target.value.trim() })}
        />
      )}
      <select aria-label={t('routes.how')} value={c.not ? 'not' : 'is'} onChange={(e) => set({ ...c, not: e.target.value === 'not' })}>
        <option value="is">{t(c.kind === 'subject' || c.kind === 'text' ? 'routes.hasWord' : 'routes.isWord')}</option>
        <option value="not">{t(c.kind === 'subject' || c.kind === 'text' ? 'routes.hasNotWord' : 'routes.isNotWord')}</option>
      </select>
      {fixed ? (
        <select aria-label={t('routes.values')} value={c.values[0] ?? ''} onChange={(e) => set({ ...c, values: [e.target.value] })}>
          {fixed.map((v) => (
            <option key={v} value={v}>
              {label(v)}
            </option>
          ))}
        </select>
      ) : (
        <Words value={c.values} set={(values) => set({ ...c, values })} />
      )}
      <IconButton label={t('routes.dropIf')} small onClick={drop}>
        <Icon as={X} size="xs" />
      </IconButton>
    </div>
  );
}

/** Several words, with commas between them. */
function Words({ value, set }: { value: string[]; set: (v: string[]) => void }) {
  const { t } = useT();
  const [text, setText] = useState(value.join(', '));
  return (
    <input
      value={text}
      placeholder={t('routes.valuesHint')}
      aria-label={t('routes.values')}
      onChange={(e) => {
        setText(e.target.value);
        set(
          e.target.value
            .split(',')
            .map((x) => x.trim())
            .filter(Boolean),
        );
      }}
    />
  );
}
