/** What every screen may use, made once. */
import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import { Live } from '~/app/live';
import { keys } from '~/app/queries';
import { signatureOf } from '~/features/composer/signature';
import { Toasts } from '~/ui/Toast';
import { Api, ApiError } from '~core/api';
import { plainOf } from '~core/draft';
import { Holds } from '~core/holds';
import { Keeper } from '~core/keeper';
import { Outbox, type Sending } from '~core/outbox';
import { Session, type SessionState } from '~core/session';
import type { Change, User } from '~core/wire';

export interface Services {
  session: Session;
  api: Api;
  query: QueryClient;
  outbox: Outbox;
  holds: Holds;
  keeper: Keeper;
  live: Live;
  toasts: Toasts;
}

function retry(failures: number, err: unknown): boolean {
  return failures < 2 && !(err instanceof ApiError && !err.passing);
}

export function createServices(): Services {
  const session = new Session(sessionStorage);
  const api = new Api(session);
  const query = new QueryClient({
    defaultOptions: {
      queries: { staleTime: 60_000, gcTime: 30 * 60_000, retry, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
  let asking = false;
  api.refused = () => {
    if (asking) return;
    asking = true;
    void Promise.allSettled([api.me().then((u) => session.know(u)), query.invalidateQueries({ queryKey: keys.inboxes })]).then(() => {
      asking = false;
    });
  };
  const live = new Live(
    api,
    query,
    () => session.user?.id ?? '',
    () => session.bar(),
  );
  const holds = new Holds(
    api,
    (thread, c) => live.changed(thread, c),
    (thread, seq, d) => live.delivered(thread, seq, d),
    sessionStorage,
  );
  const sent = (item: Sending, change: Change) => {
    live.changed(item.thread, change);
    holds.add(item, change);
  };
  const outbox = new Outbox(api, sent, sessionStorage);
  const keeper = new Keeper(api, sessionStorage, plainOf);
  keeper.signature = () => (session.user ? plainOf(signatureOf(session.user, undefined)) : '');
  const toasts = new Toasts();
  live.whenUp(() => {
    outbox.flush();
    keeper.flush();
  });
  const channel = new BroadcastChannel('parley');
  channel.onmessage = (m) => m.data === 'signed-out' && session.forget();
  session.subscribe(() => {
    if (session.state === 'in') live.start();
    else live.stop();
    if (session.state !== 'out') return;
    query.clear();
    channel.postMessage('signed-out');
  });
  return { session, api, query, outbox, holds, keeper, live, toasts };
}

const Context = createContext<Services | null>(null);
export const ServicesProvider = Context.Provider;

export function useServices(): Services {
  const s = useContext(Context);
  if (!s) throw new Error('no services');
  return s;
}

export function useSessionState(): SessionState {
  const { session } = useServices();
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

/** The signed-in user. Only for screens behind the sign-in. */
export function useMe(): User {
  const { session } = useServices();
  const user = useSyncExternalStore(session.subscribe, () => session.user);
  return user ?? { id: '', name: '', email: '', role: 'agent' as const };
}

export function useOutbox(): readonly Sending[] {
  const { outbox } = useServices();
  return useSyncExternalStore(outbox.subscribe, outbox.snapshot);
}
