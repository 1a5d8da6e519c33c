import { useMemo } from 'react';
import { type Key, useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import { reason } from '~/ui/Empty';
import { ApiError } from '~core/api';
import { full } from '~core/time';
import type { Address, Change, Folder, Priority, Summary } from '~core/wire';

export interface ThreadActions {
  assign(head: Summary, agent: string): void;
  assignToMe(head: Summary): void;
  assignTeam(head: Summary, team: string): void;
  toggleStatus(head: Summary): void;
  /** moves it to a folder, "" for the inbox; `block` denies the sender's address besides */
  file(head: Summary, folder: Folder, block?: boolean): void;
  tag(add: string[], remove: string[]): void;
  prioritise(head: Summary, priority: Priority): void;
  /** out of sight until a time (ISO), or until they reply */
  snooze(head: Summary, until?: string): void;
  wake(): void;
  move(head: Summary, to: { id: string; name: string }): void;
  /** counts as not read, and goes back to the list */
  unread(): void;
  /** says that a mention of mine has been seen to */
  seeMention(): void;
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
export function useThreadActions(id: string, leave: (id: string) => void, back: () => void): ThreadActions {
  const { api, live, toasts } = useServices();
  const { t, locale } = useT();
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
      assignTeam: (h, team) => void ((h.team?.id ?? '') !== team && run(api.assignTeam(id, team), 'thread.assignFailed')),
      tag: (add, remove) => void run(api.tag(id, { add, remove }), 'thread.tagFailed'),
      prioritise: (h, priority) => void ((h.priority ?? '') !== priority && run(api.prioritise(id, priority), 'thread.priorityFailed')),
      snooze: (h, until) => {
        leave(id);
        const wake = () => void run(api.wake(id), 'thread.wakeFailed');
        void run(api.snooze(id, until), 'thread.snoozeFailed', () =>
          toasts.show(until ? t('thread.snoozed', { name: name(h), when: full(locale, until) }) : t('thread.snoozedReply', { name: name(h) }), {
            label: t('action.undo'),
            run: wake,
          }),
        );
      },
      wake: () => void run(api.wake(id), 'thread.wakeFailed'),
      move: (h, to) => {
        leave(id);
        void run(api.move(id, to.id), 'thread.moveFailed', () =>
          toasts.show(t('thread.moved', { name: name(h), inbox: to.name }), {
            label: t('action.undo'),
            run: () => void run(api.move(id, h.inbox), 'thread.moveFailed'),
          }),
        );
      },
      unread: () => {
        back();
        api
          .bulk([id], { read: false })
          .then(([r]) => {
            if (r?.code) throw new ApiError(0, r.code, r.detail ?? '');
            live.readUpTo(id, 0);
          })
          .catch((err: unknown) => toasts.show(`${t('thread.unreadFailed')} ${reason(err, t)}`));
      },
      seeMention: () => void run(api.seeMention(id), 'thread.mentionFailed'),
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
          if (block) api.removeFilterEntry(h.inbox, 'deny', address).catch((err) => toasts.show(`${t('folder.unblockFailed')} ${reason(err, t)}`));
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
  }, [api, live, toasts, t, locale, me.id, id, leave, back]);
}
