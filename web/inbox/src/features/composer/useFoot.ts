import { type RefObject, useLayoutEffect } from 'react';

/** Tells the page how much of its foot whatever one writes in takes, for what floats above: a toast covers nothing that is pressed. */
export function useFoot(form: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const el = form.current;
    if (!el) return;
    const root = document.documentElement.style;
    const measure = () => root.setProperty('--foot', `${Math.max(0, innerHeight - el.getBoundingClientRect().top)}px`);
    const seen = new ResizeObserver(measure);
    seen.observe(el);
    if (el.parentElement) seen.observe(el.parentElement);
    addEventListener('resize', measure);
    return () => {
      seen.disconnect();
      removeEventListener('resize', measure);
      root.removeProperty('--foot');
    };
  }, [form]);
}
