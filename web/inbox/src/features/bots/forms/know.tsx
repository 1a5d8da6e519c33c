/** Steps that keep something: a property, a variable, tags, who is on a list. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { contactListsQuery, tagsQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import type { BotStep } from '~core/wire';
import s from './forms.module.css';
import { type FormProps, Name, Rows, Select, useProperties, Words } from './parts';

type SetStep = NonNullable<BotStep['set']>;
const priorities = ['low', 'normal', 'high', 'urgent'] as const;

export function SetForm({ value, set }: FormProps<SetStep>) {
  const { t } = useT();
  const contact = useProperties('contact').filter((p) => p.id !== 'domain');
  const company = useProperties('company').filter((p) => p.id !== 'domain' && p.id !== 'name');
  const of = value.on === 'company' ? company : contact;
  const choose = (on: string) => set({ on: on as SetStep['on'], property: on === 'thread' ? 'priority' : '', value: on === 'thread' ? 'high' : '' });
  return (
    <>
      <Select
        label={t('bots.setOn')}
        value={value.on}
        options={(['contact', 'company', 'thread', 'answer'] as const).map((k) => ({ value: k, label: t(`bots.on.${k}`) }))}
        set={choose}
      />
      {value.on === 'thread' ? (
        <Select
          label={t('bots.priority')}
          value={value.value}
          options={priorities.map((p) => ({ value: p, label: t(`priority.${p}`) }))}
          set={(v) => set({ ...value, value: v })}
        />
      ) : (
        <>
          {value.on === 'answer' ? (
            <Name label={t('bots.variable')} value={value.property} set={(property) => set({ ...value, property }, 'property')} />
          ) : (
            <Select
              label={t('bots.propertyName')}
              value={value.property}
              options={[{ value: '', label: t('bots.choose') }, ...of.map((p) => ({ value: p.id, label: p.name }))]}
              set={(property) => set({ ...value, property })}
            />
          )}
          <Words
            label={t('bots.value')}
            hint={t('bots.valueHint')}
            rows={2}
            max={2000}
            value={value.value}
            set={(v) => set({ ...value, value: v }, 'value')}
          />
        </>
      )}
    </>
  );
}

export function TagForm({ value, set }: FormProps<NonNullable<BotStep['tag']>>) {
  const { t } = useT();
  const { api } = useServices();
  const tags = useQuery(tagsQuery(api)).data ?? [];
  const stateOf = (id: string) => (value.add?.includes(id) ? 'add' : value.remove?.includes(id) ? 'remove' : '');
  const gone = [...(value.add ?? []), ...(value.remove ?? [])].filter((id) => !tags.some((x) => x.id === id));
  const choose = (id: string, to: string) => {
    const without = (ids: string[] = []) => ids.filter((x) => x !== id);
    const add = to === 'add' ? [...without(value.add), id] : without(value.add);
    const remove = to === 'remove' ? [...without(value.remove), id] : without(value.remove);
    set({ ...(add.length ? { add } : {}), ...(remove.length ? { remove } : {}) });
  };
  const options = [
    { value: '', label: t('bots.tagLeave') },
    { value: 'add', label: t('bots.tagAdd') },
    { value: 'remove', label: t('bots.tagRemove') },
  ];
  return (
    <Rows title={t('bots.tags')}>
      {tags.length === 0 && <p className={s.hint}>{t('bots.noTags')}</p>}
      {[...tags, ...gone.map((id) => ({ id, name: t('bots.gone', { id }) }))].map((x) => (
        <Select key={x.id} inline label={x.name} value={stateOf(x.id)} options={options} set={(to) => choose(x.id, to)} />
      ))}
    </Rows>
  );
}

export function ListForm({ value, set }: FormProps<NonNullable<BotStep['list']>>) {
  const { t } = useT();
  const { api } = useServices();
  const lists = (useQuery(contactListsQuery(api)).data ?? []).filter((l) => l.kind === 'static');
  return (
    <>
      <Select
        label={t('bots.listDo')}
        value={value.remove ? 'remove' : ''}
        options={[
          { value: '', label: t('bots.listPut') },
          { value: 'remove', label: t('bots.listTake') },
        ]}
        set={(to) => set({ list: value.list, ...(to ? { remove: true } : {}) })}
      />
      <Select
        label={t('bots.listWhich')}
        hint={t(lists.length ? 'bots.listHint' : 'bots.noLists')}
        value={value.list}
        options={[{ value: '', label: t('bots.choose') }, ...lists.map((l) => ({ value: l.id, label: l.name }))]}
        set={(list) => set({ ...value, list })}
      />
    </>
  );
}
