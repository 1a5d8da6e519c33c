import { useT } from '~/app/locale';
import { Tag } from '~/ui/Tag';
import type { Filters } from '~core/wire';
import s from './Order.module.css';

type Place = 'spam' | 'filtered' | 'inbox';

const tones = { spam: 'warn', filtered: 'info', inbox: 'ok' } as const;

/** In which order the filters decide: the first line that fits. The same order as inbox.Judge. */
export function Order({ filters }: { filters: Filters }) {
  const { t } = useT();
  const none = !Object.values(filters.rules).some(Boolean);
  const steps: { text: string; note?: string; to: Place; off?: boolean }[] = [
    { text: t('order.deny'), note: t('order.denyBut'), to: 'spam' },
    { text: t('order.allow'), note: t('order.allowNote'), to: 'inbox' },
    { text: t('order.verdict'), note: t('order.verdictNote'), to: 'spam' },
    { text: t('order.answer'), note: t('order.answerNote'), to: 'inbox' },
    { text: t('order.rules'), note: none ? t('order.rulesNone') : undefined, to: 'filtered', off: none },
    { text: t('order.rate'), note: filters.rate ? undefined : t('order.rateNone'), to: 'filtered', off: filters.rate === 0 },
    { text: t('order.rest'), to: 'inbox' },
  ];
  return (
    <aside className={s.side} aria-label={t('order.title')}>
      <h2>{t('order.title')}</h2>
      <p>{t('order.lead')}</p>
      <ol>
        {steps.map((x, i) => (
          <li key={x.text} className={x.off ? s.off : undefined}>
            <span className={s.n} aria-hidden="true">
              {i + 1}
            </span>
            <div>
              <b>{x.text}</b>
              {x.note && <small>{x.note}</small>}
            </div>
            <Tag tone={x.off ? 'plain' : tones[x.to]}>{t(`order.to.${x.to}`)}</Tag>
          </li>
        ))}
      </ol>
      <p>{t('order.never')}</p>
    </aside>
  );
}
