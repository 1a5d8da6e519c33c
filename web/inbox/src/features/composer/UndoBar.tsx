/** Messages that can still be taken back, wherever their writer has gone since. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { Button, Kbd } from '~/ui/Button';
import { ApiError } from '~core/api';
import type { Hold } from '~core/holds';
import { restored } from './signature';
import s from './UndoBar.module.css';

export function UndoBar() {
  const { holds } = useServices();
  const list = useSyncExternalStore(holds.subscribe, holds.snapshot);
  const newest = list.at(-1);
  return (
    <div className={s.region} role="status">
      {newest && <Bar key={`${newest.thread}/${newest.seq}`} hold={newest} />}
    </div>
  );
}

function Bar({ hold }: { hold: Hold }) {
  const { t } = useT();
  const { holds, keeper, toasts, query, api } = useServices();
  const navigate = useNavigate();
  const left = useSeconds(hold.until);
  const undo = async () => {
    if (hold.state !== 'held') return;
    try {
      const item = await holds.withdraw(hold);
      const mode = item.letter?.forwards ? 'forward' : 'reply';
      keeper.restore({ thread: hold.thread, mode }, restored(item), '');
      if (!location.pathname.endsWith(`/${hold.thread}`)) {
        const { thread } = await query.ensureQueryData({ queryKey: ['thread', hold.thread], queryFn: () => api.thread(hold.thread) });
        await navigate({ to: '/inbox/$inbox/$view/{-$thread}', params: { inbox: thread.inbox, view: 'open', thread: hold.thread } });
      }
    } catch (err) {
      toasts.show(t(err instanceof ApiError && err.code === 'conflict' ? 'undo.late' : 'undo.failed'));
    }
  };
  useShortcuts({ z: () => void undo() });
  const to = hold.item.letter?.to?.map((a) => a.name || a.email).join(', ') ?? '';
  return (
    <div className={s.bar}>
      <span className={s.text}>{to ? t('undo.held', { to }) : t('undo.heldAll')}</span>
      <span className={s.left} aria-hidden="true">
        {left}
      </span>
      <Button onClick={() => void undo()} disabled={hold.state !== 'held'}>
        {t('undo.undo')} <Kbd>z</Kbd>
      </Button>
      <Button onClick={() => void holds.release(hold)} disabled={hold.state !== 'held'}>
        {t('undo.now')}
      </Button>
    </div>
  );
}

/** Whole seconds until a time, 0 at the end. */
function useSeconds(until: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((until - now) / 1000));
}
