import { useMemo } from 'react';
import { type Key, useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import { reason } from '~/ui/Empty';
import type { Address, Change, Folder, Summary } from '~core/wire';

export interface ThreadActions {
  assign(head: Summary, agent: string): void;
  assignToMe(head: Summary): void;
  toggleStatus(head: Summary): void;
  /** moves it to a folder, "" for the inbox; `block` denies the sender's address besides */
  file(head: Summary, folder: Folder, block?: boolean): void;
  /** says that whoever was not reached has been seen to */
  seen(): void;
  /** says who the person of this conversation is */
  contact(head: Summary, who: Address): void;
}

const filed: Record<Folder, Key> = {
  '': 'thread.filed.inbox',
  filtered: 'thread.filed.filtered',
  spam: 'thread.filed.spam',
  trash: 'thread.filed.trash',
};

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
          toasts.show(`${t(failed)} ${reason(err, t)}`);
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
      file: (h, folder, block = false) => {
        const was = h.folder ?? '';
        if (was === folder) return;
        const address = h.contact.address ?? '';
        const back = () => {
          void run(api.folder(id, was), 'thread.fileFailed');
          if (block) api.removeFilterEntry(h.inbox, 'deny', address).catch((err) => toasts.show(`${t('filters.removeFailed')} ${reason(err, t)}`));
        };
        leave(id);
        void run(api.folder(id, folder, block), 'thread.fileFailed', () =>
          toasts.show(t(block ? 'thread.filed.blocked' : filed[folder], { name: name(h), address }), { label: t('action.undo'), run: back }),
        );
      },
      seen: () => void run(api.seeUndelivered(id), 'undelivered.seenFailed'),
      contact: (h, who) => {
        const was = { email: h.contact.address ?? '', name: h.contact.name };
        const set = (a: Address) => run(api.contact(id, a), 'thread.contactFailed');
        void run(api.contact(id, who), 'thread.contactFailed', () =>
          toasts.show(
            t('thread.contactSet', { name: who.name || who.email }),
            was.email ? { label: t('action.undo'), run: () => void set(was) } : undefined,
          ),
        );
      },
    };
  }, [api, live, toasts, t, me.id, id, leave]);
}
