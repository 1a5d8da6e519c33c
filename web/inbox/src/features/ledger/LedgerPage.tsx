/** What became of the mail of each day, as a sum that must come out. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, MailQuestionMark, TriangleAlert } from 'lucide-react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { ledgerQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import type { SectionProps } from '~/features/settings/sections';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import { Tag } from '~/ui/Tag';
import type { LedgerDay } from '~core/wire';
import { missing, outcomes } from './adds';
import s from './LedgerPage.module.css';

const spans = [7, 30, 92];

export default function LedgerPage({ item }: SectionProps) {
  const { t } = useT();
  const { api } = useServices();
  const days = spans.find((n) => String(n) === item) ?? 30;
  const ledger = useQuery(ledgerQuery(api, days));
  return (
    <Page title={t('ledger.title')} lead={t('ledger.lead')} actions={<Spans days={days} />}>
      {ledger.isPending ? (
        <RowsSkeleton label={t('ledger.loading')} />
      ) : ledger.isError ? (
        <Failure title={t('ledger.failed')} error={ledger.error} retry={() => void ledger.refetch()} />
      ) : busy(ledger.data.days).length === 0 ? (
        <Empty icon={MailQuestionMark} title={t('ledger.empty')} text={t('ledger.emptyText')} />
      ) : (
        <Days days={busy(ledger.data.days)} total={ledger.data.total} />
      )}
    </Page>
  );
}

function Spans({ days }: { days: number }) {
  const { t } = useT();
  return (
    <nav className={s.spans} aria-label={t('ledger.span')}>
      {spans.map((n) => (
        <Link
          key={n}
          to="/settings/$section/{-$item}"
          params={{ section: 'ledger', item: String(n) }}
          aria-current={n === days ? 'page' : undefined}
          activeProps={{}}
        >
          {t('ledger.days', { count: n })}
        </Link>
      ))}
    </nav>
  );
}

/** Days on which anything came. */
const busy = (days: LedgerDay[]) => days.filter((d) => d.accepted !== 0 || missing(d) !== 0);

function Days({ days, total }: { days: LedgerDay[]; total: LedgerDay }) {
  const { t } = useT();
  return (
    <Scroll label={t('ledger.title')}>
      <table className={`${table.table} ${s.table}`}>
        <thead>
          <tr>
            <th scope="col">{t('ledger.day')}</th>
            <th scope="col" className={table.num}>
              {t('ledger.accepted')}
            </th>
            {outcomes.map((o) => (
              <th scope="col" key={o} className={table.num}>
                {t(`ledger.${o}`)}
              </th>
            ))}
            <th scope="col">{t('ledger.check')}</th>
          </tr>
        </thead>
        <tbody>
          {days.map((d) => (
            <Line key={d.day} line={d} />
          ))}
        </tbody>
        <tfoot>
          <Line line={total} />
        </tfoot>
      </table>
      <dl className={s.legend}>
        <div>
          <dt>{t('ledger.accepted')}</dt>
          <dd>{t('ledger.acceptedText')}</dd>
        </div>
        {outcomes.map((o) => (
          <div key={o}>
            <dt>{t(`ledger.${o}`)}</dt>
            <dd>{t(`ledger.${o}Text`)}</dd>
          </div>
        ))}
      </dl>
    </Scroll>
  );
}

/** Accepted = the five outcomes, written as the sum it is. */
function Line({ line }: { line: LedgerDay }) {
  const { t, locale } = useT();
  const n = (x: number) => new Intl.NumberFormat(locale).format(x);
  const name = line.day
    ? new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
        Date.parse(line.day),
      )
    : t('ledger.total');
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={table.num} data-label={t('ledger.accepted')}>
        <b>{n(line.accepted)}</b>
      </td>
      {outcomes.map((o, i) => (
        <td key={o} className={`${table.num} ${line[o] === 0 ? s.zero : ''}`} data-label={t(`ledger.${o}`)}>
          <span>
            <span className={s.sign} aria-hidden="true">
              {i === 0 ? '=' : '+'}
            </span>
            {n(line[o])}
          </span>
        </td>
      ))}
      <td>
        <Verdict line={line} />
      </td>
    </tr>
  );
}

function Verdict({ line }: { line: LedgerDay }) {
  const { t } = useT();
  const lost = missing(line);
  if (lost === 0) {
    return (
      <Tag tone="ok">
        <Icon as={Check} size="xs" />
        <span>{t('ledger.adds')}</span>
      </Tag>
    );
  }
  return (
    <Tag tone="bad">
      <Icon as={TriangleAlert} size="xs" />
      <span>{t(lost > 0 ? 'ledger.missing' : 'ledger.double', { count: Math.abs(lost) })}</span>
    </Tag>
  );
}
