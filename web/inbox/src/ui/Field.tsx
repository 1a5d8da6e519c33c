import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from 'react';
import s from './Field.module.css';

type Props = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: ReactNode;
  /** what is wrong with the value, in words */
  error?: string;
  ref?: Ref<HTMLInputElement>;
  /** stands in one line with the input, behind it */
  after?: ReactNode;
};

/** A text field: its label above, a hint below, and what is wrong in words. */
export function Field({ label, hint, error, after, className = '', ...rest }: Props) {
  const id = useId();
  const described = [error ? `${id}e` : '', hint ? `${id}h` : ''].filter(Boolean).join(' ');
  return (
    <div className={`${s.field} ${className}`}>
      <label htmlFor={id}>{label}</label>
      <div className={s.line}>
        <input id={id} className={s.input} aria-invalid={error ? true : undefined} aria-describedby={described || undefined} {...rest} />
        {after}
      </div>
      {error && (
        <p id={`${id}e`} className={s.error} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}h`} className={s.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}
