import { Check, CheckCheck, CircleQuestionMark, Clock, type LucideIcon, TriangleAlert } from 'lucide-react';
import { type Key, useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { clock } from '~core/time';
import type { Delivery, Entry } from '~core/wire';
import s from './Receipt.module.css';

interface Word {
  icon: LucideIcon;
  key: Key;
  bad?: boolean;
}

function word(d: Delivery | undefined): Word {
  const states = (d?.recipients ?? []).map((r) => r.state);
  if (d?.state === 'failed') return { icon: TriangleAlert, key: 'receipt.failed', bad: true };
  if (d?.state === 'unknown') return { icon: CircleQuestionMark, key: 'receipt.unknown' };
  if (d?.state === 'sent') {
    if (states.length && states.every((x) => x === 'delivered')) return { icon: CheckCheck, key: 'receipt.delivered' };
    return { icon: Check, key: 'receipt.sent' };
  }
  return { icon: Clock, key: d?.state === 'sending' ? 'receipt.sending' : 'receipt.pending' };
}

const troubled = new Set(['bounced', 'complained', 'suppressed', 'failed', 'delayed']);

/** How far a reply has come, and for each address that had trouble, what its server said. */
export function Receipt({ entry }: { entry: Entry }) {
  const { t, locale } = useT();
  const d = entry.delivery;
  const w = word(d);
  const trouble = d?.recipients?.filter((r) => troubled.has(r.state)) ?? [];
  return (
    <footer className={s.receipt} data-state={d?.state ?? 'pending'}>
      <p className={w.bad ? s.bad : ''}>
        <Icon as={w.icon} size="xs" />
        {t(w.key, { time: d ? clock(locale, d.at) : '' })}
      </p>
      {d?.state === 'unknown' && <p>{t('receipt.unknownWhy')}</p>}
      {d?.reason && d.state !== 'sent' && <p className={w.bad ? s.bad : ''}>{d.reason}</p>}
      {trouble.map((r) => (
        <p key={r.address} className={r.state === 'delayed' ? '' : s.bad}>
          {t(`receipt.to.${r.state}` as Key, { address: r.address })} {r.reason}
        </p>
      ))}
    </footer>
  );
}
