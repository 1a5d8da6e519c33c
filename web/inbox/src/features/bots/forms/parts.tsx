/** What the forms of the steps are made of. */

import { useQuery } from '@tanstack/react-query';
import { Braces, Plus } from 'lucide-react';
import { type ReactNode, useId, useRef } from 'react';
import { useT } from '~/app/locale';
import { propertiesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { useBuilder } from '../builder';
import { answersOf } from '../graph';
import { nameOf, summary } from '../kinds';
import s from './forms.module.css';

export interface FormProps<T> {
  value: T;
  /** `join`: changes of the same field are taken back as one */
  set: (v: T, join?: string) => void;
}

/** Properties of contacts and companies that may be named, the fixed ones first. */
export function useProperties(of: 'contact' | 'company'): { id: string; name: string }[] {
  const { t } = useT();
  const { api } = useServices();
  const all = useQuery(propertiesQuery(api)).data ?? [];
  const fixed = of === 'contact' ? (['name', 'email', 'phone', 'domain'] as const) : (['name', 'domain'] as const);
  const known = fixed.map((id) => ({ id: id as string, name: t(`bots.property.${id}`) }));
  return [...known, ...all.filter((p) => p.of === of && !p.hidden && !known.some((k) => k.id === p.id)).map((p) => ({ id: p.id, name: p.name }))];
}

/** Words of the bot's, with a menu of what they may name. */
export function Words(p: { label: string; hint?: ReactNode; value: string; max: number; rows?: number; plain?: boolean; set: (v: string) => void }) {
  const { t } = useT();
  const { graph } = useBuilder();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const contact = useProperties('contact');
  const company = useProperties('company');
  const insert = (token: string) => {
    const el = field.current;
    const at = el?.selectionStart ?? p.value.length;
    p.set(`${p.value.slice(0, at)}{{${token}}}${p.value.slice(el?.selectionEnd ?? at)}`);
    requestAnimationFrame(() => {
      el?.focus();
      el?.setSelectionRange(at + token.length + 4, at + token.length + 4);
    });
  };
  const answers = answersOf(graph).map((name) => ({ value: `answer.${name}`, label: name }));
  return (
    <div className={s.field}>
      <div className={s.labels}>
        <label htmlFor={id}>{p.label}</label>
        {!p.plain && (
          <Menu
            onSelect={insert}
            trigger={
              <IconButton label={t('bots.insertToken', { field: p.label })} small>
                <Icon as={Braces} size="s" />
              </IconButton>
            }
            groups={[
              ...(answers.length ? [{ label: t('bots.on.answer'), items: answers }] : []),
              { label: t('bots.on.contact'), items: contact.map((c) => ({ value: `contact.${c.id}`, label: c.name })) },
              { label: t('bots.on.company'), items: company.map((c) => ({ value: `company.${c.id}`, label: c.name })) },
              { label: t('bots.on.page'), items: [{ value: 'page.url', label: t('bots.pageUrl') }] },
            ]}
          />
        )}
      </div>
      <textarea
        ref={field}
        id={id}
        rows={p.rows ?? 3}
        maxLength={p.max}
        value={p.value}
        aria-describedby={p.hint ? `${id}h` : undefined}
        onChange={(e) => p.set(e.target.value)}
      />
      {p.hint && (
        <p id={`${id}h`} className={s.hint}>
          {p.hint}
        </p>
      )}
    </div>
  );
}

export interface Option {
  value: string;
  label: string;
}

export function Select(p: {
  label: string;
  hidden?: boolean;
  hint?: ReactNode;
  value: string;
  options: Option[];
  fixed?: boolean;
  inline?: boolean;
  set: (v: string) => void;
}) {
  const id = useId();
  const { t } = useT();
  // What is named and is not there any more stays to be seen.
  const options = p.options.some((o) => o.value === p.value) ? p.options : [...p.options, { value: p.value, label: t('bots.gone', { id: p.value }) }];
  return (
    <div className={p.inline ? s.inline : s.field}>
      <label htmlFor={id} className={p.hidden ? 'sr' : undefined}>
        {p.label}
      </label>
      <select id={id} value={p.value} disabled={p.fixed} aria-describedby={p.hint ? `${id}h` : undefined} onChange={(e) => p.set(e.target.value)}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
      {p.hint && (
        <p id={`${id}h`} className={s.hint}>
          {p.hint}
        </p>
      )}
    </div>
  );
}

/** Where something leads. */
export function Goto(p: {
  label: string;
  hidden?: boolean;
  value: string;
  none: string;
  fixed?: boolean;
  inline?: boolean;
  set: (id: string) => void;
}) {
  const { t } = useT();
  const { graph } = useBuilder();
  const options = graph.steps.map((x, i) => ({ value: x.id, label: `${i + 1}. ${nameOf(t, x)}: ${summary(t, x).slice(0, 48)}` }));
  return <Select {...p} options={[{ value: '', label: p.none }, ...options]} />;
}

/** A number, or nothing. */
export function Num(p: { label: string; hint?: ReactNode; value?: number; min?: number; max?: number; set: (n: number | undefined) => void }) {
  return (
    <Field
      label={p.label}
      hint={p.hint}
      type="number"
      inputMode="numeric"
      min={p.min}
      max={p.max}
      value={p.value ?? ''}
      onChange={(e) => {
        const n = e.target.value === '' ? undefined : Number(e.target.value);
        p.set(n === undefined || Number.isNaN(n) ? undefined : Math.min(p.max ?? n, n));
      }}
    />
  );
}

/** A name of a variable, or of something else that takes only letters, digits and _. */
export function Name(p: { label: string; hint?: ReactNode; value: string; set: (v: string) => void }) {
  return (
    <Field
      label={p.label}
      hint={p.hint}
      value={p.value}
      maxLength={40}
      spellCheck={false}
      onChange={(e) => p.set(e.target.value.replace(/^[^a-zA-Z]+|[^a-zA-Z0-9_]/g, ''))}
    />
  );
}

/** Things in a row of a list, and a button for one more. */
export function Rows({
  title,
  add,
  full,
  children,
}: {
  title: string;
  add?: { label: string; run: () => void };
  full?: boolean;
  children: ReactNode;
}) {
  return (
    <fieldset className={s.rows}>
      <legend>{title}</legend>
      {children}
      {add && !full && (
        <Button className={s.add} onClick={add.run}>
          <Icon as={Plus} size="s" />
          {add.label}
        </Button>
      )}
    </fieldset>
  );
}
