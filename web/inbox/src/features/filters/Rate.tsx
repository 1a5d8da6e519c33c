import { type FormEvent, useState } from 'react';
import { useT } from '~/app/locale';
import { Button } from '~/ui/Button';
import { Field } from '~/ui/Field';
import s from './Rate.module.css';

const most = 10_000;

/** How many mails of one sender an hour are let in; 0 is without end. */
export function Rate({ rate, fixed, set }: { rate: number; fixed: boolean; set: (rate: number) => void }) {
  const { t } = useT();
  const [text, setText] = useState(String(rate));
  const [error, setError] = useState('');
  const save = (e: FormEvent) => {
    e.preventDefault();
    const n = Number(text.trim());
    if (text.trim() === '' || !Number.isInteger(n) || n < 0 || n > most) return setError(t('filters.rateWrong', { most }));
    setError('');
    if (n !== rate) set(n);
  };
  return (
    <form className={s.form} onSubmit={save}>
      <Field
        label={t('filters.rateLabel')}
        hint={t('filters.rateHint')}
        error={error}
        value={text}
        readOnly={fixed}
        inputMode="numeric"
        autoComplete="off"
        onChange={(e) => setText(e.target.value)}
        after={!fixed && <Button type="submit">{t('action.save')}</Button>}
      />
    </form>
  );
}
