/** Single-key shortcuts: off inside fields, with modifiers and while a dialog or menu is open (WCAG 2.1.4). Matched on event.key. */
import { useEffect, useRef } from 'react';

export type Shortcuts = Record<string, () => void>;

function inField(t: EventTarget | null): boolean {
  return t instanceof HTMLElement && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName));
}

export function useShortcuts(map: Shortcuts): void {
  const current = useRef(map);
  useEffect(() => {
    current.current = map;
  });
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || inField(e.target)) return;
      if (document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]')) return;
      const button = e.target instanceof HTMLElement && e.target.closest('a, button');
      if (e.key === 'Enter' && button) return;
      const fn = current.current[e.key];
      if (!fn) return;
      e.preventDefault();
      fn();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** "⌘" on Apple's machines, "Ctrl" elsewhere. */
export const modifier = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘' : 'Ctrl';
