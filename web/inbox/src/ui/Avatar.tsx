import { hue, initials } from '~core/person';
import s from './Avatar.module.css';

interface Props {
  id: string;
  name?: string;
  address?: string;
  size?: 'xs' | 'sm' | 'md' | 'lg';
  /** set where no text beside it says who it is */
  label?: string;
  children?: React.ReactNode;
}

/** Initials on one of six grounds. Decoration unless it has a label. */
export function Avatar({ id, name, address, size = 'md', label, children }: Props) {
  return (
    <span
      className={`${s.av} ${s[size]} ${s[`h${hue(id)}`]}`}
      {...(label ? { role: 'img', 'aria-label': label, title: label } : { 'aria-hidden': true })}
    >
      {initials(name, address)}
      {children}
    </span>
  );
}
