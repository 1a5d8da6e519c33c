import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import s from './Banner.module.css';
import { Icon } from './Icon';

/** A line about the state of things, with the next step in it. */
export function Banner({
  icon,
  tone,
  children,
  aside,
  action,
}: {
  icon: LucideIcon;
  tone: 'ok' | 'warn' | 'bad' | 'info';
  children: ReactNode;
  /** said besides where there is room */
  aside?: ReactNode;
  /** a button with the next step */
  action?: ReactNode;
}) {
  return (
    <div className={`${s.banner} ${s[tone]}`}>
      <Icon as={icon} size="s" />
      <div>{children}</div>
      {aside && <span className={s.aside}>{aside}</span>}
      {action && <span className={s.action}>{action}</span>}
    </div>
  );
}
