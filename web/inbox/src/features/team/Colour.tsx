import { useT } from '~/app/locale';
import s from './team.module.css';

export const colours = ['', 'red', 'amber', 'green', 'blue', 'violet'] as const;
export type ColourName = (typeof colours)[number];

/** One of a few colours; its name stands beside it for who does not see it. */
export function Colour({ value, set }: { value: ColourName; set: (c: ColourName) => void }) {
  const { t } = useT();
  return (
    <fieldset className={s.colours}>
      <legend>{t('colour.label')}</legend>
      {colours.map((c) => (
        <label key={c} title={t(`colour.${c || 'grey'}`)}>
          <input type="radio" name="colour" checked={value === c} onChange={() => set(c)} aria-label={t(`colour.${c || 'grey'}`)} />
          <i className={s.dot} data-colour={c || 'grey'} />
        </label>
      ))}
    </fieldset>
  );
}
