import type { ReactNode } from 'react';
import s from './Tag.module.css';

/** A word with a ground; its meaning never rests on the colour. */
export function Tag({ tone = 'plain', title, children }: { tone?: 'plain' | 'ok' | 'warn' | 'bad' | 'info'; title?: string; children: ReactNode }) {
  return (
    <span className={`${s.tag} ${s[tone]}`} title={title} data-tone={tone}>
      {children}
    </span>
  );
}
