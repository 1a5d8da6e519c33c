/** A property is added or changed. What it holds stays; what it is of and its kind are for good. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import s from '~/features/team/team.module.css';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import type { Property } from '~core/wire';

const kinds = ['text', 'number', 'date', 'choice', 'owner', 'lifecycle'] as const;

export function Form({ property, close }: { property?: Property; close: () => void }) {
  const { t } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const [name, setName] = useState(property?.name ?? '');
  const [of, setOf] = useState<Property['of']>(property?.of ?? 'contact');
  const [kind, setKind] = useState<Property['kind']>(property?.kind ?? 'text');
  const [options, setOptions] = useState(property?.options?.join('\n') ?? '');
  const [hidden, setHidden] = useState(!!property?.hidden);
  const [wrong, setWrong] = useState('');
  const chosen = kind === 'choice' || kind === 'lifecycle';
  const submit = async () => {
    const list = options
      .split('\n')
      .map((o) => o.trim())
      .filter(Boolean);
    const fields = { name: name.trim(), hidden, ...(chosen ? { options: list } : {}), ...(property ? { order: property.order } : {}) };
    try {
      await (property ? api.putProperty(property, fields) : api.newProperty({ ...fields, of, kind }));
      void client.invalidateQueries({ queryKey: keys.properties });
      close();
    } catch (err) {
      setWrong(reason(err, t));
    }
  };
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={t('people.name')}
        value={name}
        maxLength={80}
        data-first
        error={wrong}
        onChange={(e) => {
          setName(e.target.value);
          setWrong('');
        }}
      />
      {!property && (
        <>
          <label className={s.label}>
            {t('properties.whose')}
            <select className={s.select} value={of} onChange={(e) => setOf(e.target.value as Property['of'])}>
              <option value="contact">{t('properties.of.contact')}</option>
              <option value="company">{t('properties.of.company')}</option>
            </select>
          </label>
          <label className={s.label}>
            {t('properties.kind')}
            <select className={s.select} value={kind} onChange={(e) => setKind(e.target.value as Property['kind'])}>
              {kinds.map((k) => (
                <option key={k} value={k}>
                  {t(`properties.kind.${k}`)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {chosen && (
        <label className={s.label}>
          {t('properties.options')}
          <textarea className={s.area} rows={5} value={options} onChange={(e) => setOptions(e.target.value)} />
        </label>
      )}
      <label className={s.who}>
        <input type="checkbox" checked={hidden} onChange={(e) => setHidden(e.target.checked)} />
        {t('properties.hide')}
      </label>
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={!name.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
