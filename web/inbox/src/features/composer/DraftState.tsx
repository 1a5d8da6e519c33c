import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import type { DraftPlace } from '~core/api';
import { plainOf } from '~core/draft';
import type { Kept } from '~core/keeper';
import s from './Composer.module.css';

/** Where a draft is kept. */
export function DraftState({ of }: { of: Kept }) {
  const { t } = useT();
  const key = of.state === 'saved' ? 'composer.saved' : of.state === 'here' ? 'composer.kept' : of.state === 'saving' ? 'composer.saving' : undefined;
  return (
    <span className={s.saved} data-draft={of.state}>
      {key && t(key)}
    </span>
  );
}

/** Two versions of one draft: the writer says which one counts. */
export function DraftClash({ of, place }: { of: Kept; place: DraftPlace }) {
  const { t } = useT();
  const { keeper } = useServices();
  if (!of.theirs) return null;
  const text = of.theirs.html ? plainOf(of.theirs.html) : (of.theirs.text ?? '');
  return (
    <div className={s.clash} role="alert">
      <span>
        {t('composer.clash')} <q>{text.length > 120 ? `${text.slice(0, 120)}…` : text}</q>
      </span>
      <Button onClick={() => keeper.settle(place, 'theirs')}>{t('composer.clashTheirs')}</Button>
      <Button onClick={() => keeper.settle(place, 'mine')}>{t('composer.clashMine')}</Button>
    </div>
  );
}
