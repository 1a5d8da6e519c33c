/** Steps that decide where the walk goes on. */
import { X } from 'lucide-react';
import { type Key, useT } from '~/app/locale';
import { Button, IconButton } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import type { BotBranch, BotStep, BranchTest } from '~core/wire';
import { useBuilder } from '../builder';
import { answersOf, freshExit } from '../graph';
import s from './forms.module.css';
import { type FormProps, Goto, Rows, Select, useProperties } from './parts';

export function BranchForm({ value, set }: FormProps<NonNullable<BotStep['branch']>>) {
  const { t } = useT();
  const { branches } = value;
  const patch = (i: number, p: Partial<BotBranch>, join?: string) =>
    set({ branches: branches.map((b, n) => (n === i ? { ...b, ...p } : b)) }, join && `${join} ${i}`);
  return (
    <Rows
      title={t('bots.branchList')}
      full={branches.length >= 20}
      add={{
        label: t('bots.addBranch'),
        run: () => set({ branches: [...branches, { id: freshExit(branches), tests: [{ on: 'answer', op: 'is' }] }] }),
      }}
    >
      {branches.map((b, i) => (
        <div key={b.id} className={s.card}>
          <div className={s.cardHead}>
            <b>{t('bots.branch', { n: i + 1 })}</b>
            <IconButton label={t('bots.removeBranch', { n: i + 1 })} small onClick={() => set({ branches: branches.filter((_, n) => n !== i) })}>
              <Icon as={X} size="s" />
            </IconButton>
          </div>
          <Field
            label={t('bots.branchName')}
            value={b.name ?? ''}
            maxLength={80}
            onChange={(e) => patch(i, { name: e.target.value || undefined }, 'name')}
          />
          {b.tests.map((x, n) => (
            <Test
              // biome-ignore lint/suspicious/noArrayIndexKey: tests have no names; they are edited in place
              key={n}
              n={n + 1}
              value={x}
              set={(next, join) => patch(i, { tests: b.tests.map((y, m) => (m === n ? next : y)) }, join && `${join} ${n}`)}
              remove={b.tests.length > 1 ? () => patch(i, { tests: b.tests.filter((_, m) => m !== n) }) : undefined}
            />
          ))}
          {b.tests.length < 10 && (
            <Button className={s.add} onClick={() => patch(i, { tests: [...b.tests, { on: 'answer', op: 'is' }] })}>
              {t('bots.addTest')}
            </Button>
          )}
          <Goto label={t('bots.then')} value={b.next ?? ''} none={t('bots.exit.nowhere')} set={(next) => patch(i, { next: next || undefined })} />
        </div>
      ))}
    </Rows>
  );
}

const sources = ['answer', 'contact', 'company', 'page', 'hours', 'available'] as const;
const ops = ['is', 'contains', 'begins', 'ends', 'matches', 'exists', 'above', 'below'] as const;

/** One thing that has to be so. */
function Test({ n, value, set, remove }: FormProps<BranchTest> & { n: number; remove?: () => void }) {
  const { t } = useT();
  const { graph } = useBuilder();
  const contact = useProperties('contact');
  const company = useProperties('company');
  const bare = value.on === 'hours' || value.on === 'available';
  const names =
    value.on === 'answer'
      ? [...answersOf(graph), 'reply'].map((id) => ({ value: id, label: id === 'reply' ? t('bots.lastReply') : id }))
      : (value.on === 'company' ? company : contact).map((p) => ({ value: p.id, label: p.name }));
  const choose = (on: string) =>
    set(
      on === 'hours' || on === 'available'
        ? { on, ...(value.not ? { not: true } : {}) }
        : { on: on as BranchTest['on'], op: value.op || 'is', value: value.value },
    );
  return (
    <fieldset className={s.test}>
      <legend className="sr">{t('bots.test', { n })}</legend>
      <div className={s.line}>
        <Select
          hidden
          label={t('bots.looksAt')}
          value={value.on}
          options={sources.map((k) => ({ value: k, label: t(`bots.on.${k}`) }))}
          set={choose}
        />
        {remove && (
          <IconButton label={t('bots.removeTest', { n })} small onClick={remove}>
            <Icon as={X} size="s" />
          </IconButton>
        )}
      </div>
      {!bare && value.on !== 'page' && (
        <Select
          hidden
          label={t('bots.which')}
          value={value.name ?? ''}
          options={[{ value: '', label: t('bots.choose') }, ...names]}
          set={(name) => set({ ...value, name: name || undefined })}
        />
      )}
      <Select
        hidden
        label={t('bots.compares')}
        value={`${value.not ? 'not.' : ''}${bare ? 'so' : value.op || 'is'}`}
        options={(bare ? ['so', 'not.so'] : ops.flatMap((op) => [op, `not.${op}`])).map((v) => ({ value: v, label: t(`bots.op.${v}` as Key) }))}
        set={(v) => {
          const op = v.replace('not.', '');
          set({ ...value, not: v.startsWith('not.') || undefined, op: bare ? undefined : (op as BranchTest['op']) });
        }}
      />
      {!bare && value.op !== 'exists' && (
        <input
          aria-label={t('bots.value')}
          value={value.value ?? ''}
          maxLength={500}
          onChange={(e) => set({ ...value, value: e.target.value || undefined }, 'value')}
        />
      )}
    </fieldset>
  );
}

export function FlowForm({ value, set }: FormProps<NonNullable<BotStep['flow']>>) {
  const { t } = useT();
  const { chat, flow } = useBuilder();
  const bots = chat.flows.filter((f) => f.bot && f.published && f.id !== flow.id);
  return (
    <Select
      label={t('bots.otherBot')}
      hint={bots.length ? undefined : t('bots.noOther')}
      value={value.flow}
      options={[{ value: '', label: t('bots.choose') }, ...bots.map((f) => ({ value: f.id, label: f.name }))]}
      set={(id) => set({ flow: id })}
    />
  );
}
