import type { ButtonHTMLAttributes, Ref } from 'react';
import s from './Button.module.css';

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: 'plain' | 'primary' | 'quiet'; ref?: Ref<HTMLButtonElement> };

export function Button({ kind = 'plain', className = '', ...rest }: Props) {
  return <button type="button" className={`${s.btn} ${s[kind]} ${className}`} {...rest} />;
}

/** A button that is only an icon; it must be named. */
export function IconButton({ label, small, className = '', ...rest }: Props & { label: string; small?: boolean }) {
  return <button type="button" aria-label={label} title={label} className={`${s.icon} ${small ? s.small : ''} ${className}`} {...rest} />;
}

export function Kbd({ children }: { children: string }) {
  return <kbd className={s.kbd}>{children}</kbd>;
}
