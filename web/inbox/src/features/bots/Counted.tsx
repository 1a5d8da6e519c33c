import { useT } from '~/app/locale';
import { useBuilder } from './builder';

/** What was counted of a step: how many came, and of a question how many answered and left. */
export function StepNumbers({ id, className }: { id: string; className?: string }) {
  const { t, locale } = useT();
  const n = useBuilder().numbers?.steps[id];
  if (!n?.reached) return <p className={className} />;
  const gone = n.answered + n.left;
  const share = gone ? new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(n.answered / gone) : '';
  return <p className={className}>{gone ? t('bots.asked', { reached: n.reached, share, left: n.left }) : t('bots.reached', { count: n.reached })}</p>;
}
