/** What may have routing of its own: the accounts of an inbox, and the chatflows of its chats. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { chatsQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import type { Flow, Inbox, Plan } from '~core/wire';

export interface Source {
  id: string;
  name: string;
  /** a chatflow: it comes before its chat */
  part?: boolean;
}

/** The chatflows of a chat; none for any other account. */
export function useFlows(): (account: string) => Flow[] {
  const { api } = useServices();
  const chats = useQuery(chatsQuery(api)).data;
  return (account) => chats?.find((c) => c.account.id === account)?.flows ?? [];
}

/** In the order of the accounts, each chat with its chatflows behind it; last what a plan names and is no longer there, to be taken off. */
export function useSources(inbox: Inbox, plan: Plan): Source[] {
  const { t } = useT();
  const { api } = useServices();
  const known = useQuery(chatsQuery(api)).isSuccess;
  const flows = useFlows();
  const here = inbox.accounts.flatMap((a): Source[] => [
    { id: a.id, name: a.address || a.name },
    ...flows(a.id).map((f) => ({ id: f.id, name: t('routes.flowOf', { chat: a.name, flow: f.name }), part: true })),
  ]);
  const gone = known ? Object.keys(plan.sources).filter((id) => !here.some((x) => x.id === id)) : [];
  return [...here, ...gone.map((id) => ({ id, name: t('routes.gone') }))];
}
