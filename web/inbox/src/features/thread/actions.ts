import { useMemo } from 'react';
import { type Key, useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import { ApiError } from '~core/api';
import type { Change, Summary } from '~core/wire';

export interface ThreadActions {
  assign(head: Summary, agent: string): void;
  assignToMe(head: Summary): void;
  toggleStatus(head: Summary): void;
}

/** Changes of a thread. The answer goes into the cache like a frame; an error is said and changes nothing. */
export function useThreadActions(id: string, leave: (id: string) => void): ThreadActions {
  const { api, live, toasts } = useServices();
  const { t } = useT();
  const me = useMe();
  return useMemo(() => {
    const run = (change: Promise<Change>, failed: Key, done?: () => void) =>
      change
        .then((c) => {
          live.changed(id, c);
          done?.();
        })
        .catch((err: unknown) => {
          const why = err instanceof ApiError && err.code !== 'invalid' ? t(`error.${err.code}` as Key) : String((err as Error).message);
          toasts.show(`${t(failed)} ${why}`);
        });
    const name = (h: Summary) => h.contact.name || h.contact.address || h.subject;
    const reopen = () => void run(api.status(id, 'open'), 'thread.statusFailed');
    return {
      assign: (h, agent) => void ((h.assignee?.id ?? '') !== agent && run(api.assign(id, agent), 'thread.assignFailed')),
      assignToMe: (h) => void (h.assignee?.id !== me.id && run(api.assign(id, me.id), 'thread.assignFailed')),
      toggleStatus: (h) => {
        if (h.status === 'closed') return reopen();
        leave(id);
        void run(api.status(id, 'closed'), 'thread.statusFailed', () =>
          toasts.show(t('thread.closedToast', { name: name(h) }), { label: t('thread.reopen'), run: reopen }),
        );
      },
    };
  }, [api, live, toasts, t, me.id, id, leave]);
}
