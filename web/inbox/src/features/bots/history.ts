/** What was, is and was taken back. Changes with the same key that follow each other are one. */
export interface History<T> {
  past: T[];
  now: T;
  future: T[];
  /** of the last change; '' never joins */
  key: string;
}

const keeps = 100;

export const begin = <T>(now: T): History<T> => ({ past: [], now, future: [], key: '' });

export function commit<T>(h: History<T>, now: T, key = ''): History<T> {
  if (now === h.now) return h;
  const past = key && key === h.key ? h.past : [...h.past, h.now].slice(-keeps);
  return { past, now, future: [], key };
}

export function undo<T>(h: History<T>): History<T> {
  const last = h.past.at(-1);
  return last === undefined ? h : { past: h.past.slice(0, -1), now: last, future: [h.now, ...h.future], key: '' };
}

export function redo<T>(h: History<T>): History<T> {
  const [next, ...future] = h.future;
  return next === undefined ? h : { past: [...h.past, h.now], now: next, future, key: '' };
}
