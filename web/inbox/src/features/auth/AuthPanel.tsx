import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from '~/ui/Icon';
import s from './auth.module.css';

export function AuthPanel({ icon, title, lead, children }: { icon: LucideIcon; title: string; lead: string; children?: ReactNode }) {
  return (
    <main className={s.page}>
      <div className={s.box}>
        <div className={s.brand}>
          <span className={s.logo} aria-hidden="true">
            <Icon as={icon} />
          </span>
          Parley
        </div>
        <section className={s.panel} aria-label={title}>
          <h1>{title}</h1>
          <p className={s.lead}>{lead}</p>
          {children}
        </section>
      </div>
    </main>
  );
}
