/**
 * What the team's page can call: window.Parley, shaped like the HubSpot object that pages may know, whose name it takes only when it is free.
 * Owns: names, listeners. Never: what they do. Imported by: loader.
 */
import type { Identity } from '../api';

export type Event =
  | 'widgetLoaded'
  | 'widgetClosed'
  | 'conversationStarted'
  | 'contactAssociated'
  | 'unreadConversationCountChanged'
  | 'userInteractedWithWidget';

interface Does {
  load(): void;
  open(): void;
  close(): void;
  remove(): void;
  refresh(): void;
  loaded(): boolean;
  clear(): void;
  identify(who: Identity | null): void;
}

type Listener = (data: unknown) => void;

export function sdk(d: Does) {
  const listeners = new Map<string, Set<Listener>>();
  const api = {
    widget: {
      load: (o?: { widgetOpen?: boolean }) => {
        d.load();
        if (o?.widgetOpen) api.on('widgetLoaded', d.open);
      },
      open: d.open,
      close: d.close,
      remove: d.remove,
      refresh: d.refresh,
      status: () => ({ loaded: d.loaded() }),
    },
    on(event: Event, fn: Listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event)?.add(fn);
    },
    off(event: Event, fn: Listener) {
      listeners.get(event)?.delete(fn);
    },
    clear: d.clear,
    /** Who is signed in on the page, signed by its server; null for nobody. */
    identify: d.identify,
  };
  return {
    emit(event: Event, data?: unknown) {
      for (const fn of listeners.get(event) ?? []) {
        try {
          fn(data);
        } catch (e) {
          setTimeout(() => {
            throw e; // the page's own error, reported as such; ours goes on
          });
        }
      }
    },
    publish() {
      const w = window as unknown as Record<string, unknown>;
      w.Parley = api;
      w.HubSpotConversations ??= api;
      for (const name of ['parleyOnReady', 'hsConversationsOnReady']) {
        const waiting = w[name];
        if (Array.isArray(waiting)) for (const fn of waiting as (() => void)[]) fn();
      }
    },
  };
}
