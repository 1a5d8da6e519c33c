import { useSyncExternalStore } from 'react';

let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const fn of listeners) fn();
}, 20_000);

/** The time, renewed three times a minute. */
export function useNow(): number {
  return useSyncExternalStore(
    (fn) => {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    () => now,
  );
}
