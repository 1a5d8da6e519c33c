import { useEffect, useSyncExternalStore } from 'react';
import s from './Toast.module.css';

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

/** One short word at a time about what just happened. */
export class Toasts {
  private current: Toast | null = null;
  private next = 1;
  private readonly listeners = new Set<() => void>();

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };
  snapshot = (): Toast | null => this.current;

  show(text: string, action?: Toast['action']): void {
    this.set({ id: this.next++, text, action });
  }

  dismiss(id: number): void {
    if (this.current?.id === id) this.set(null);
  }

  private set(t: Toast | null): void {
    this.current = t;
    for (const fn of this.listeners) fn();
  }
}

const stays = 7_000;

export function ToastRegion({ toasts }: { toasts: Toasts }) {
  const toast = useSyncExternalStore(toasts.subscribe, toasts.snapshot);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => toasts.dismiss(toast.id), stays);
    return () => clearTimeout(timer);
  }, [toast, toasts]);
  return (
    <div role="status" className={s.region}>
      {toast && (
        <div className={s.toast} key={toast.id}>
          <span className={s.text}>{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              onClick={() => {
                toast.action?.run();
                toasts.dismiss(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
