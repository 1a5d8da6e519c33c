/** Conditions and targets of routing in words. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { teamsQuery, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import type { Inbox, PlanCondition, Target } from '~core/wire';

export function useWords(inbox: Inbox) {
  const { t, locale } = useT();
  const { api } = useServices();
  const users = useQuery(usersQuery(api)).data ?? [];
  const teams = useQuery(teamsQuery(api)).data ?? [];
  const list = (all: string[], type: 'conjunction' | 'disjunction') => new Intl.ListFormat(locale, { type }).format(all);
  const languages = new Intl.DisplayNames(locale, { type: 'language' });
  const value = (c: PlanCondition, v: string) => {
    if (c.kind === 'channel') return t(v === 'chat' ? 'routes.chat' : 'routes.email');
    if (c.kind === 'language' && /^[a-z]{2,3}$/.test(v)) return languages.of(v) ?? v;
    const a = c.kind === 'account' ? inbox.accounts.find((x) => x.id === v) : undefined;
    return a?.address || a?.name || v;
  };
  return {
    conditions: (all: PlanCondition[]): string =>
      all.length === 0
        ? t('routes.always')
        : list(
            all.map((c) =>
              t(c.not ? 'routes.isNot' : c.kind === 'subject' || c.kind === 'text' || c.part ? 'routes.contains' : 'routes.is', {
                what: c.kind === 'contact' ? c.property || t('routes.kind.contact') : t(`routes.kind.${c.kind}`),
                values: list(
                  c.values.map((v) => value(c, v)),
                  'disjunction',
                ),
              }),
            ),
            'conjunction',
          ),
    target: (x: Target): string => {
      if (x.kind === 'none') return t('routes.nobody');
      const names = [
        ...(x.teams ?? []).map((id) => t('members.toTeam', { name: teams.find((g) => g.id === id)?.name ?? id })),
        ...(x.users ?? []).map((id) => users.find((u) => u.id === id)?.name ?? id),
      ];
      const people = names.length > 0 ? `${list(names, 'disjunction')} (${t(`routing.way.${x.way || 'least'}`)})` : '';
      if (x.kind === 'owner') return people ? t('routes.ownerElse', { people }) : t('routing.way.owner');
      return people || t('routes.noOne');
    },
  };
}
