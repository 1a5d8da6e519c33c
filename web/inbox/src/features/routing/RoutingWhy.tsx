/** Why a conversation went to whom: the rule that decided, who was chosen, who was passed over, each with the reason. */
import { type Key, useT } from '~/app/locale';
import type { Candidate, Routing } from '~core/wire';
import s from './RoutingWhy.module.css';

const causes: Record<string, Key> = {
  new: 'routing.cause.new',
  restored: 'routing.cause.restored',
  moved: 'routing.cause.moved',
  reopened: 'routing.cause.reopened',
  away: 'routing.cause.away',
  left: 'routing.cause.left',
  handedOff: 'routing.cause.handedOff',
};
const passed: Record<NonNullable<Candidate['why']>, Key> = {
  away: 'routing.passed.away',
  full: 'routing.passed.full',
  hours: 'routing.passed.hours',
  outside: 'routing.passed.outside',
  disabled: 'routing.passed.disabled',
  viewer: 'routing.passed.viewer',
  turn: 'routing.passed.turn',
  busier: 'routing.passed.busier',
  lot: 'routing.passed.lot',
};

export function RoutingWhy({ routing: r }: { routing: Routing }) {
  const { t, locale } = useT();
  const load = (c: Candidate) => {
    const n = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    return t('routing.load', { load: n.format(c.load), capacity: n.format(c.capacity) });
  };
  const rule =
    r.rule === 'source'
      ? t('routing.source')
      : r.rule === 'team'
        ? t('routing.team', { name: r.ruleName ?? '' })
        : r.rule === 'rest'
          ? t('routing.rest')
          : t('routing.rule', { name: r.ruleName || r.rule });
  const others = (r.candidates ?? 0) - (r.passed?.length ?? 0) - (r.chosen ? 1 : 0);
  return (
    <details className={s.why}>
      <summary>{t('routing.why')}</summary>
      <dl>
        <dt>{t('routing.cause')}</dt>
        <dd>{t(causes[r.cause] ?? 'routing.cause.new')}</dd>
        <dt>{t('routing.by')}</dt>
        <dd>
          {rule} · {t(`routing.way.${r.way}`)}
        </dd>
        {r.steps?.some((x) => !x.fits) && (
          <>
            <dt>{t('routing.steps')}</dt>
            <dd>
              <ul>
                {r.steps
                  .filter((x) => !x.fits)
                  .map((x) => (
                    <li key={x.rule}>
                      {x.name || x.rule}
                      {x.because && `: ${t('routing.notFit', { because: x.because, saw: x.saw || t('routing.nothing') })}`}
                    </li>
                  ))}
              </ul>
            </dd>
          </>
        )}
        {r.chosen && (
          <>
            <dt>{t('routing.chosen')}</dt>
            <dd>
              <b>{r.chosen.name || r.chosen.id}</b> {load(r.chosen)}
            </dd>
          </>
        )}
        {!!r.passed?.length && (
          <>
            <dt>{t('routing.passedOver')}</dt>
            <dd>
              <ul>
                {r.passed.map((c) => (
                  <li key={c.id}>
                    <b>{c.name || c.id}</b>: {c.why && t(passed[c.why])} {load(c)}
                  </li>
                ))}
                {others > 0 && <li>{t('routing.others', { count: others })}</li>}
              </ul>
            </dd>
          </>
        )}
      </dl>
      {r.waits && <p>{t('routing.waits')}</p>}
    </details>
  );
}
