import { Check, CheckCheck, CircleQuestionMark, Clock, type LucideIcon, TriangleAlert, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { ApiError } from '~core/api';
import { clock } from '~core/time';
import type { Delivery, Entry, Recipient } from '~core/wire';
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
  if (d?.state === 'held') return { icon: Clock, key: 'receipt.held' };
  if (d?.state === 'withdrawn') return { icon: Undo2, key: 'receipt.withdrawn' };
  return { icon: Clock, key: d?.state === 'sending' ? 'receipt.sending' : 'receipt.pending' };
}

const troubled = new Set(['bounced', 'complained', 'suppressed', 'failed', 'delayed']);

/** How far a reply has come; for each address that had trouble why, and what can be done. Of several recipients each can be looked at. */
export function Receipt({ thread, entry, works }: { thread: string; entry: Entry; works: boolean }) {
  const { t, locale } = useT();
  const [open, setOpen] = useState(false);
  const d = entry.delivery;
  const w = word(d);
  const all = d?.recipients ?? [];
  const trouble = all.filter((r) => troubled.has(r.state));
  return (
    <footer className={s.receipt} data-state={d?.state ?? 'pending'}>
      <p className={w.bad ? s.bad : ''}>
        <Icon as={w.icon} size="xs" />
        {t(w.key, { time: d ? clock(locale, d.at) : '' })}
        {all.length > 1 && (
          <button type="button" className={s.more} aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('receipt.each', { count: all.length })}
          </button>
        )}
      </p>
      {d?.state === 'unknown' && <p>{t('receipt.unknownWhy')}</p>}
      {d?.reason && d.state !== 'sent' && <p className={w.bad ? s.bad : ''}>{because(d.code, d.reason, t)}</p>}
      {open && (
        <ul className={s.each} aria-label={t('receipt.list')}>
          {all.map((r) => (
            <li key={r.address}>
              {r.address} – {t(`receipt.state.${r.state}` as Key)}
            </li>
          ))}
        </ul>
      )}
      {trouble.map((r) => (
        <Trouble key={r.address} thread={thread} seq={entry.seq} of={r} works={works} />
      ))}
    </footer>
  );
}

/** Why, in words; what the other server said stands behind it. */
function because(code: string | undefined, said: string | undefined, t: (k: Key) => string): string {
  const key = `why.${code}` as Key;
  const known = code ? t(key) : '';
  if (!known || known === key) return said ?? '';
  return said ? `${known} (“${said}”)` : known;
}

function Trouble({ thread, seq, of: r, works }: { thread: string; seq: number; of: Recipient; works: boolean }) {
  const { t } = useT();
  const { api, live, toasts } = useServices();
  const [busy, setBusy] = useState(false);
  const [lifted, setLifted] = useState(false);
  const [asking, setAsking] = useState(false);
  const run = async (does: () => Promise<void>) => {
    setBusy(true);
    try {
      await does();
    } catch (err) {
      toasts.show(`${t('receipt.doFailed')} ${reason(err, t)}`);
    }
    setBusy(false);
  };
  const lift = () =>
    run(async () => {
      try {
        await api.liftSuppression(r.address);
      } catch (err) {
        if (err instanceof ApiError && err.code === 'notfound') return toasts.show(t('receipt.notListed'));
        throw err;
      }
      setLifted(true);
    });
  const again = () =>
    run(async () => {
      const c = await api.retryMessage(thread, seq);
      live.changed(thread, c);
      live.delivered(thread, seq, c.delivery);
    });
  const offer = !works ? '' : r.state === 'suppressed' && !lifted ? 'lift' : r.state === 'delayed' ? '' : 'again';
  return (
    <>
      <p className={r.state === 'delayed' ? '' : s.bad}>
        <span>
          {t(`receipt.to.${r.state}` as Key, { address: r.address })} {because(r.code, r.reason, t)}
          {lifted && ` ${t('receipt.lifted')}`}
        </span>
        {offer === 'lift' && (
          <button type="button" className={s.more} disabled={busy} onClick={() => setAsking(true)}>
            {t('receipt.lift')}
          </button>
        )}
        {offer === 'again' && (
          <button type="button" className={s.more} disabled={busy} onClick={() => void again()}>
            {t('receipt.again')}
          </button>
        )}
      </p>
      <Dialog open={asking} onClose={() => setAsking(false)} title={t('receipt.liftAsk', { address: r.address })}>
        <div className={s.ask}>
          <p>{t('receipt.liftWhy')}</p>
          <div>
            <Button onClick={() => setAsking(false)}>{t('action.cancel')}</Button>
            <Button
              kind="primary"
              onClick={() => {
                setAsking(false);
                void lift();
              }}
            >
              {t('receipt.lift')}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
