/** A saved list of contacts: its name, and what must be so of everybody in it or that they are put on it by hand. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { contactListsQuery, keys, propertiesQuery, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import people from '~/features/people/ContactsPage.module.css';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import type { ContactList, ListCondition, Property } from '~core/wire';
import { CompanyValue } from './CompanyValue';
import { type Fixed, fixed, kindOf, needsValue, type Op, opsOf, takesDays, tidy, turnTo, wordOf } from './conditions';
import s from './lists.module.css';

interface Props {
  list?: ContactList;
  close: () => void;
  choose: (id: string) => void;
}

const most = 10; // people.MaxConditions

export function ListForm({ list, close, choose }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const properties = (useQuery(propertiesQuery(api)).data ?? []).filter((p) => p.of === 'contact');
  const [name, setName] = useState(list?.name ?? '');
  const [kind, setKind] = useState<'' | 'static'>(list?.kind ?? '');
  const handMade = (useQuery(contactListsQuery(api)).data ?? []).filter((l) => l.kind === 'static');
  const [rows, setRows] = useState<(ListCondition & { key: number })[]>(() =>
    (list?.conditions ?? [{ on: 'active', op: 'within', value: '30' }]).map((c, key) => ({ ...c, key })),
  );
  const next = useRef(100);
  const [wrong, setWrong] = useState('');
  const done = (id: string) => {
    void client.invalidateQueries({ queryKey: keys.contactLists });
    void client.invalidateQueries({ queryKey: keys.contacts });
    choose(id);
    close();
  };
  const submit = async () => {
    const conditions = kind ? [] : tidy(rows.map(({ key: _, ...c }) => c));
    const body = { name: name.trim(), conditions, ...(kind ? { kind } : {}) };
    try {
      done((await (list ? api.putList(list.id, { ...body, sort: list.sort }, list.revision) : api.newList(body))).id);
    } catch (err) {
      setWrong(reason(err, t));
    }
  };
  const remove = () =>
    list &&
    api
      .removeList(list.id)
      .then(() => done(''))
      .catch((err: unknown) => setWrong(reason(err, t)));
  const change = (key: number, c: ListCondition) => {
    setRows(rows.map((r) => (r.key === key ? { ...c, key } : r)));
    setWrong('');
  };
  return (
    <form
      className={people.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field label={t('lists.name')} value={name} maxLength={80} data-first onChange={(e) => setName(e.target.value)} />
      {!list && (
        <fieldset className={s.kinds}>
          <legend>{t('lists.kind')}</legend>
          {(['', 'static'] as const).map((k) => (
            <label key={k}>
              <input type="radio" name="kind" checked={kind === k} onChange={() => setKind(k)} />
              <span>
                <b>{t(`lists.by.${k || 'conditions'}`)}</b>
                <small>{t(`lists.byText.${k || 'conditions'}`)}</small>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <fieldset className={s.conditions} hidden={!!kind}>
        <legend>{t('lists.all_hold')}</legend>
        {rows.map((c) => (
          <Row
            key={c.key}
            c={c}
            properties={properties}
            lists={handMade}
            change={(n) => change(c.key, n)}
            remove={() => setRows(rows.filter((r) => r.key !== c.key))}
          />
        ))}
        {rows.length === 0 && <p className={s.everybody}>{t('lists.everybody')}</p>}
        {rows.length < most && (
          <Button onClick={() => setRows([...rows, { on: 'name', op: 'contains', value: '', key: next.current++ }])}>
            <Icon as={Plus} size="s" />
            {t('lists.add')}
          </Button>
        )}
      </fieldset>
      {wrong && (
        <p role="alert" className={people.wrong}>
          {wrong}
        </p>
      )}
      <div className={people.buttons}>
        {list && (
          <Button kind="quiet" className={s.remove} onClick={() => void remove()}>
            {t('lists.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={!name.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}

interface RowProps {
  c: ListCondition;
  properties: Property[];
  /** those that contacts are put on by hand */
  lists: ContactList[];
  change: (c: ListCondition) => void;
  remove: () => void;
}

function Row({ c, properties, lists, change, remove }: RowProps) {
  const { t } = useT();
  const label = properties.find((p) => p.id === c.on)?.name ?? t(`lists.on.${c.on as Fixed}`);
  return (
    <div className={s.row}>
      <select aria-label={t('lists.what')} value={c.on} onChange={(e) => change(turnTo(c, e.target.value, properties))}>
        {(Object.keys(fixed) as Fixed[])
          .filter((on) => on !== 'list' || lists.length > 0 || c.on === 'list')
          .map((on) => (
            <option key={on} value={on}>
              {t(`lists.on.${on}`)}
            </option>
          ))}
        {properties.map((p) => (
          <option key={p.id} value={p.id}>
            {p.name}
          </option>
        ))}
      </select>
      <select aria-label={t('lists.how', { label })} value={c.op} onChange={(e) => change({ ...c, op: e.target.value as Op })}>
        {opsOf(c.on, properties).map((op) => (
          <option key={op} value={op}>
            {t(`lists.op.${wordOf(op, c.on, properties)}`)}
          </option>
        ))}
      </select>
      {needsValue(c.op) && <Value c={c} label={label} properties={properties} lists={lists} change={change} />}
      <IconButton label={t('lists.removeOne', { label })} onClick={remove}>
        <Icon as={X} size="s" />
      </IconButton>
    </div>
  );
}

function Value({ c, label, properties, lists, change }: Omit<RowProps, 'remove'> & { label: string }) {
  const { t } = useT();
  const { api } = useServices();
  const users = useQuery(usersQuery(api)).data ?? [];
  const id = useId();
  const kind = kindOf(c.on, properties);
  const common = { 'aria-label': t('lists.value', { label }), value: c.value ?? '' };
  const set = (value: string) => change({ ...c, value });
  if (c.on === 'company') return <CompanyValue label={common['aria-label']} value={common.value} set={set} />;
  const options =
    c.on === 'list'
      ? lists.map((l) => ({ value: l.id, label: l.name }))
      : kind === 'owner'
        ? [{ value: 'me', label: t('lists.me') }, ...users.filter((u) => !u.disabled).map((u) => ({ value: u.id, label: u.name }))]
        : c.on === 'claimed'
          ? [{ value: 'yes', label: t('lists.yes') }]
          : kind === 'choice' || kind === 'lifecycle'
            ? (properties.find((p) => p.id === c.on)?.options ?? []).map((o) => ({ value: o, label: o }))
            : undefined;
  if (options)
    return (
      <select {...common} onChange={(e) => set(e.target.value)}>
        <option value="">{t('people.none')}</option>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
    );
  if (takesDays(c.op))
    return (
      <span className={s.days}>
        <input {...common} id={id} type="number" min={0} max={36500} onChange={(e) => set(e.target.value)} />
        <label htmlFor={id}>{t('lists.days')}</label>
      </span>
    );
  return (
    <input
      {...common}
      type={kind === 'date' ? 'date' : kind === 'number' ? 'number' : 'text'}
      step="any"
      maxLength={200}
      onChange={(e) => set(e.target.value)}
    />
  );
}
