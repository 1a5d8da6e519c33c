import type { ReactNode } from 'react';
import { useId } from 'react';
import s from './Switch.module.css';

interface Props {
  label: string;
  /** what it does, below the label */
  hint?: ReactNode;
  on: boolean;
  set: (on: boolean) => void;
  /** it can be read but not changed */
  fixed?: boolean;
}

/** A setting that is on or off, and says what it does. */
export function Switch({ label, hint, on, set, fixed }: Props) {
  const id = useId();
  return (
    <div className={s.row}>
      <div className={s.words}>
        <span id={id} className={s.label}>
          {label}
        </span>
        {hint && (
          <small id={`${id}h`} className={s.hint}>
            {hint}
          </small>
        )}
      </div>
      <button
        type="button"
        role="switch"
        className={s.switch}
        aria-checked={on}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}h` : undefined}
        aria-disabled={fixed || undefined}
        onClick={() => !fixed && set(!on)}
      />
    </div>
  );
}
