/** How the value of a property is edited and shown. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import type { Property } from '~core/wire';
import type { Option } from './Editable';

export function useValues() {
  const { locale } = useT();
  const { api } = useServices();
  const users = useQuery(usersQuery(api)).data ?? [];
  const optionsOf = (p: Property): Option[] | undefined => {
    if (p.kind === 'owner') return users.filter((u) => !u.disabled).map((u) => ({ value: u.id, label: u.name }));
    if (p.kind === 'choice' || p.kind === 'lifecycle') return (p.options ?? []).map((o) => ({ value: o, label: o }));
    return undefined;
  };
  const shownOf = (p: Property, value: string): React.ReactNode => {
    if (p.kind === 'owner') return users.find((u) => u.id === value)?.name ?? value;
    if (p.kind === 'number') return Number.isNaN(Number(value)) ? value : new Intl.NumberFormat(locale).format(Number(value));
    if (p.kind === 'date') {
      const at = Date.parse(value);
      return Number.isNaN(at) ? value : new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(at);
    }
    return value;
  };
  /** What Editable needs for it. */
  const edit = (p: Property, value: string) => ({
    options: optionsOf(p),
    type: p.kind === 'number' || p.kind === 'date' ? p.kind : ('text' as const),
    shown: value ? shownOf(p, value) : undefined,
  });
  return { optionsOf, shownOf, edit };
}
