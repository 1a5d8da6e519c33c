/** A value that is changed where it stands: a click or Enter opens the field, Enter or leaving it keeps the change, Escape does not. */
import { useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import s from './people.module.css';

export interface Option {
  value: string;
  label: string;
}

interface Props {
  label: string;
  value: string;
  /** what stands there while it is not edited, if not the value itself */
  shown?: React.ReactNode;
  type?: 'text' | 'number' | 'date' | 'email' | 'tel';
  /** the most characters that it may have */
  most?: number;
  /** a choice, instead of free text */
  options?: Option[];
  /** refused: the field stays open, with the words */
  save: (value: string) => Promise<string | undefined>;
}

export function Editable({ label, value, shown, type = 'text', most = 2000, options, save }: Props) {
  const { t } = useT();
  const [editing, setEditing] = useState(false);
  const [draft, setDraft] = useState(value);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (editing) field.current?.focus();
  }, [editing]);
  const close = () => {
    setEditing(false);
    setWrong('');
    requestAnimationFrame(() => button.current?.focus());
  };
  const keep = async (next: string) => {
    if (busy) return;
    if (next.trim() === value) return close();
    setBusy(true);
    const refused = await save(next.trim());
    setBusy(false);
    if (refused) setWrong(refused);
    else close();
  };
  if (!editing) {
    return (
      <button
        type="button"
        ref={button}
        className={s.value}
        onClick={() => {
          setDraft(value);
          setEditing(true);
        }}
        aria-label={value ? t('people.change', { label, value }) : t('people.add', { label })}
      >
        {value ? (shown ?? value) : <span className={s.missing}>{t('people.none')}</span>}
      </button>
    );
  }
  const common = {
    ref: field,
    className: s.field,
    value: draft,
    'aria-label': label,
    'aria-invalid': wrong ? true : undefined,
    'aria-busy': busy,
    onKeyDown: (e: React.KeyboardEvent) => {
      if (e.key === 'Escape') {
        e.stopPropagation();
        close();
      }
    },
  };
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void keep(draft);
      }}
    >
      {options ? (
        <select {...common} onChange={(e) => void keep(e.target.value)} onBlur={() => !busy && !wrong && setEditing(false)}>
          <option value="">{t('people.none')}</option>
          {value && !options.some((o) => o.value === value) && <option value={value}>{value}</option>}
          {options.map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type={type}
          step={type === 'number' ? 'any' : undefined}
          maxLength={most}
          onChange={(e) => {
            setDraft(e.target.value);
            setWrong('');
          }}
          onBlur={() => void keep(draft)}
        />
      )}
      {wrong && (
        <p role="alert" className={s.wrong}>
          {wrong}
        </p>
      )}
    </form>
  );
}
