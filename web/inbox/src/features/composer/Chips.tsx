import { X } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useId, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { addresses, looksRight } from '~core/draft';
import type { Address } from '~core/wire';
import s from './Chips.module.css';

interface Props {
  label: string;
  value: Address[];
  set: (a: Address[]) => void;
  /** who is proposed while typing */
  known: Address[];
  autoFocus?: boolean;
}

/** Addresses, each a chip. Enter, comma, Tab or leaving the field makes one; Backspace in the empty field takes the last one back. */
export function Chips({ label, value, set, known, autoFocus }: Props) {
  const { t } = useT();
  const [text, setText] = useState('');
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const add = (more: Address[]) => {
    const fresh = more.filter((a, i) => {
      const mail = a.email.toLowerCase();
      return !value.some((b) => b.email.toLowerCase() === mail) && more.findIndex((b) => b.email.toLowerCase() === mail) === i;
    });
    if (fresh.length) set([...value, ...fresh]);
  };
  const commit = () => {
    if (!text.trim()) return;
    add(addresses(text).map((a) => known.find((k) => k.email.toLowerCase() === a.email.toLowerCase()) ?? a));
    setText('');
  };
  const onKey = (e: KeyboardEvent) => {
    if (((e.key === 'Enter' && !e.metaKey && !e.ctrlKey) || e.key === ',' || e.key === ';') && !e.nativeEvent.isComposing) {
      if (e.key === 'Enter' && !text.trim()) return;
      e.preventDefault();
      commit();
    } else if (e.key === 'Tab' && text.trim()) commit();
    else if (e.key === 'Backspace' && text === '' && value.length) {
      e.preventDefault();
      const last = value.at(-1);
      set(value.slice(0, -1));
      if (last) setText(last.name ? `${last.name} <${last.email}>` : last.email);
    }
  };
  const onPaste = (e: ClipboardEvent) => {
    const list = addresses(e.clipboardData.getData('text/plain').replace(/\s*\n\s*/g, ','));
    if (list.length < 2 && !list.every(looksRight)) return;
    e.preventDefault();
    add(list);
  };
  const bad = value.filter((a) => !looksRight(a));
  const fits = text.length > 0 ? known.filter((k) => !value.some((v) => v.email === k.email)).slice(0, 30) : [];
  return (
    <div className={s.line}>
      <label htmlFor={id}>{label}</label>
      <ul className={s.chips} aria-label={label}>
        {value.map((a) => (
          <li key={a.email} data-bad={looksRight(a) ? undefined : true} title={a.email}>
            <span>{a.name || a.email}</span>
            <button
              type="button"
              aria-label={t('composer.remove', { name: a.name || a.email })}
              onClick={() => {
                set(value.filter((b) => b !== a));
                input.current?.focus();
              }}
            >
              <Icon as={X} size="xs" />
            </button>
          </li>
        ))}
      </ul>
      <input
        ref={input}
        id={id}
        // biome-ignore lint/a11y/noAutofocus: the field opens because its button was pressed
        autoFocus={autoFocus}
        value={text}
        list={`${id}l`}
        inputMode="email"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={bad.length ? true : undefined}
        aria-describedby={bad.length ? `${id}e` : undefined}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={onKey}
        onPaste={onPaste}
        onBlur={commit}
      />
      <datalist id={`${id}l`}>
        {fits.map((k) => (
          <option key={k.email} value={k.name ? `${k.name} <${k.email}>` : k.email} />
        ))}
      </datalist>
      {bad.length > 0 && (
        <p id={`${id}e`} className={s.error}>
          {t('composer.badAddress', { list: bad.map((a) => a.email || a.name || '–').join(', ') })}
        </p>
      )}
    </div>
  );
}
