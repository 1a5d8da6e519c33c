/** A view's name and how many it holds: those of every inbox, and those of one account or one team. */
import { useQuery } from '@tanstack/react-query';
import { type Key, useT } from '~/app/locale';
import { countsQuery, teamsQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { useInbox } from '~/app/unread';
import { type Count, type Counts, type Inbox, partsOf, type View } from '~core/wire';

/** What a view is called; of a team or an account that is gone, what kind it was. */
export function useViewName(of?: Inbox): (view: View) => string {
  const { t } = useT();
  const { api } = useServices();
  const here = useInbox();
  const inbox = of ?? here;
  const teams = useQuery(teamsQuery(api)).data;
  return (view) => {
    const { kind, id } = partsOf(view);
    if (kind === 'team') return teams?.find((g) => g.id === id)?.name ?? t('view.team');
    if (kind !== 'channel') return t(`view.${kind}` satisfies Key);
    const account = inbox?.accounts.find((a) => a.id === id);
    return account?.address || account?.name || t('view.channel');
  };
}

export function countOf(counts: Counts | undefined, view: View): Count | undefined {
  const { kind, id } = partsOf(view);
  if (kind === 'channel') return counts?.channels.find((c) => c.id === id);
  if (kind === 'team') return counts?.teams.find((c) => c.id === id);
  return counts?.[kind];
}

export function useViewCount(inbox: string, view: View): Count | undefined {
  const { api } = useServices();
  return countOf(useQuery({ ...countsQuery(api, inbox), enabled: !!inbox }).data, view);
}
