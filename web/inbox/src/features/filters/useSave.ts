import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useT } from '~/app/locale';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { reason } from '~/ui/Empty';
import { ApiError } from '~core/api';
import type { Filters } from '~core/wire';

/**
 * Saves an inbox's filters: shown at once, and as they were if the server refuses. Saves go one after the other, each of the revision that the one
 * before it made; who was overtaken by somebody else is told, overwrites nothing and sees theirs.
 */
export function useSave(inbox: string) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const line = useRef(Promise.resolve());
  const made = useRef(new Map<number, number>()); // by the revision that a save of ours replaced
  return (next: Filters, done?: (saved: Filters) => void) => {
    const key = keys.filters(inbox);
    const before = client.getQueryData<Filters>(key);
    client.setQueryData(key, next);
    line.current = line.current.then(async () => {
      let { revision } = next;
      for (let r = made.current.get(revision); r; r = made.current.get(r)) revision = r;
      try {
        const saved = await api.setFilters(inbox, next, revision);
        if (saved.revision > revision) made.current.set(revision, saved.revision);
        client.setQueryData<Filters>(key, (shown) => ({ ...(shown ?? saved), revision: saved.revision }));
        done?.(saved);
      } catch (err) {
        client.setQueryData(key, before);
        if (err instanceof ApiError && err.status === 412) await client.invalidateQueries({ queryKey: key, exact: true });
        toasts.show(`${t('filters.saveFailed')} ${reason(err, t)}`);
      }
    });
  };
}
