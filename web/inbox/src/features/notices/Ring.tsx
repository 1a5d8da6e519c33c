/**
 * Tells of notices while a page is open: a notification of the browser and a sound, as each user chose. However many pages are open, one of
 * them rings; none does while the conversation is being looked at, or where a push tells of it.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useT } from '~/app/locale';
import { keys, prefsQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import type { Notice } from '~core/wire';
import { myDevice } from './device';
import { beep } from './sound';
import { headline } from './words';

export function Ring() {
  const { t } = useT();
  const { api, live } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const prefs = useQuery(prefsQuery(api)).data;
  const me = useMe().id;
  const { history } = useRouter();
  useEffect(() => live.watch('me'), [live]);
  useEffect(() => {
    let end: (() => void) | undefined;
    const look = () => {
      const seen = document.visibilityState === 'visible';
      if (seen && !end) end = live.watch('looking');
      if (!seen) {
        end?.();
        end = undefined;
      }
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      end?.();
    };
  }, [live]);
  useEffect(() => {
    if (myDevice()) void import('./push').then((p) => p.renew(api, me)).catch(() => undefined); // tried again in the next session
    const clicked = (e: MessageEvent<{ open?: string }>) => e.data?.open && history.push(e.data.open);
    navigator.serviceWorker?.addEventListener('message', clicked);
    return () => navigator.serviceWorker?.removeEventListener('message', clicked);
  }, [api, me, history]);
  useEffect(
    () =>
      live.whenNotice((n, show, pushed) => {
        void client.invalidateQueries({ queryKey: keys.notices });
        const looking = document.visibilityState === 'visible' && document.hasFocus() && location.pathname.endsWith(`/${n.thread}`);
        if (!show || looking || pushed.includes(myDevice()?.id ?? '')) return;
        once(n.id, () => {
          if (prefs?.sound) beep();
          notify(n, headline(n, t), prefs?.text !== false, () =>
            navigate({ to: '/inbox/$inbox/$view/{-$thread}', params: { inbox: n.inbox, view: 'open', thread: n.thread } }),
          );
        });
      }),
    [live, client, navigate, prefs, t],
  );
  return null;
}

/** Runs in one of all open pages of this browser. */
function once(id: string, run: () => void): void {
  const hold = new Promise<void>((r) => setTimeout(r, 5_000));
  void navigator.locks.request(`parley.notice.${id}`, { ifAvailable: true }, (lock) => {
    if (!lock) return undefined;
    run();
    return hold;
  });
}

function notify(n: Notice, title: string, text: boolean, open: () => void): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification(title, { body: text ? [n.subject, n.preview].filter(Boolean).join('\n') : n.subject, tag: n.id });
  shown.onclick = () => {
    window.focus();
    open();
    shown.close();
  };
}
