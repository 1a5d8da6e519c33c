/** What is known of somebody, editable in place: name, addresses, the team's own properties. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { companyQuery, keys, propertiesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { reason } from '~/ui/Empty';
import { MailAddress } from '~/ui/Mail';
import type { ContactView, Person, PersonEdit } from '~core/wire';
import { Editable } from './Editable';
import { localTime } from './localtime';
import s from './people.module.css';
import { useValues } from './values';

export function About({ person, may }: { person: Person; may: boolean }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const properties = useQuery(propertiesQuery(api)).data ?? [];
  const { edit: fieldOf } = useValues();
  const company = useQuery({ ...companyQuery(api, person.company ?? ''), enabled: !!person.company }).data?.company;
  const save = async (edit: PersonEdit): Promise<string | undefined> => {
    try {
      const view = await api.editContact(person.id, edit);
      client.setQueryData<ContactView>(keys.contact(person.id), view);
      void client.invalidateQueries({ queryKey: keys.contacts });
      if (edit.company) void client.invalidateQueries({ queryKey: keys.company(edit.company) });
      return undefined;
    } catch (err) {
      return reason(err, t);
    }
  };
  /** A company is known by its name here: one of that name, or a new one. */
  const saveCompany = async (name: string): Promise<string | undefined> => {
    if (!name) return save({ company: '' });
    try {
      const same = (c: { name: string }) => c.name.toLowerCase() === name.toLowerCase();
      const known = name.length > 1 ? (await api.suggest(name)).companies.find(same) : undefined;
      return save({ company: (known ?? (await api.newCompany(name)).company).id });
    } catch (err) {
      return reason(err, t);
    }
  };
  const zone = person.props?.timezone || person.zone || ''; // what the team has written stands before what a browser said
  const time = localTime(locale, zone, Date.now());
  const row = (key: string, label: string, value: string, more: Partial<Parameters<typeof Editable>[0]>, edit: (v: string) => PersonEdit) => (
    <div key={key} className={s.row}>
      <dt>{label}</dt>
      <dd>{may ? <Editable label={label} value={value} {...more} save={(v) => save(edit(v))} /> : (more.shown ?? (value || t('people.none')))}</dd>
    </div>
  );
  return (
    <dl className={s.about}>
      {row('name', t('people.name'), person.name ?? '', {}, (name) => ({ name }))}
      {row(
        'email',
        t('people.email'),
        person.address ?? '',
        { type: 'email', shown: person.address && <MailAddress>{person.address}</MailAddress> },
        (address) => ({
          address,
        }),
      )}
      {row('phone', t('people.phone'), person.phone ?? '', { type: 'tel' }, (phone) => ({ phone }))}
      <div className={s.row}>
        <dt>{t('people.company')}</dt>
        <dd>{may ? <Editable label={t('people.company')} value={company?.name ?? ''} save={saveCompany} /> : (company?.name ?? t('people.none'))}</dd>
      </div>
      {properties
        .filter((p) => p.of === 'contact' && !p.hidden)
        .map((p) => {
          const value = person.props?.[p.id] ?? '';
          return row(p.id, p.name, value, fieldOf(p, value), (v) => ({ props: { [p.id]: v } }));
        })}
      {time && (
        <div className={s.row}>
          <dt>{t('people.localTime')}</dt>
          <dd className={s.plain}>
            {time} <small>{zone.replaceAll('_', ' ')}</small>
          </dd>
        </div>
      )}
    </dl>
  );
}
