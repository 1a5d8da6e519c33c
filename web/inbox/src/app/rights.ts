/**
 * What the signed-in user may do: by their role, and by where they belong. The server decides (functions/agentapi/permissions.go); here it is
 * known beforehand, so that nothing is offered that would be refused.
 */
import { useQuery } from '@tanstack/react-query';
import { everyQuery, inboxesQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import type { Role } from '~core/wire';

const order: Role[] = ['viewer', 'agent', 'manager', 'admin'];

/** Whether a role may what the other may. */
export const atLeast = (role: Role, least: Role) => order.indexOf(role) >= order.indexOf(least);

/** Whether the user has this role or a mightier one. */
export const useMay = (least: Role) => atLeast(useMe().role, least);

/** Whether the user may work in an inbox, or only look. Until the inboxes are known the role alone says it. */
export function useWorks(inbox: string | undefined): boolean {
  const { api } = useServices();
  const byRole = useMay('agent');
  const { data } = useQuery(inboxesQuery(api));
  return data ? !!data.find((i) => i.id === inbox)?.works : byRole;
}

/** Whether there is any inbox to work in. */
export function useWorksSomewhere(): boolean {
  const { api } = useServices();
  const byRole = useMay('agent');
  const { data } = useQuery(inboxesQuery(api));
  return data ? data.some((i) => i.works) : byRole;
}

/** Whether the user may see and run again what could not be taken in: it is mail of no inbox yet, so of any. */
export function useQuarantine(): boolean {
  const { api } = useServices();
  const byRole = useMay('agent');
  const every = useQuery(everyQuery(api)).data;
  return byRole && every === true;
}
