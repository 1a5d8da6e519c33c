import { CircleCheck, Globe } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Text, useT } from '~/app/locale';
import { useOutbox, useServices } from '~/app/services';
import { Banner } from '~/ui/Banner';
import { clock } from '~core/time';

const grace = 1_500; // a line that comes back sooner is not worth a word; offline is shown within 3 s
const stays = 2_000;

/** Says when the line is gone, and for two seconds that it is back. Never a silent stale list. */
export function LineBanner() {
  const { live } = useServices();
  const { t, locale } = useT();
  const line = useSyncExternalStore(live.subscribe, () => live.line);
  const waiting = useOutbox().filter((i) => i.state === 'waiting').length;
  const [shown, setShown] = useState<'' | 'off' | 'back'>('');
  const was = useRef(false);
  const down = line === 'down' || (line === 'connecting' && was.current);
  useEffect(() => {
    if (line === 'up') {
      was.current = true;
      setShown((s) => (s === 'off' ? 'back' : s));
      const timer = setTimeout(() => setShown(''), stays);
      return () => clearTimeout(timer);
    }
    if (!down) return;
    const timer = setTimeout(() => setShown('off'), navigator.onLine ? grace : 0);
    return () => clearTimeout(timer);
  }, [line, down]);
  return (
    <div role="status">
      {shown === 'off' && (
        <Banner icon={Globe} tone="warn" aside={t('line.synced', { time: clock(locale, new Date(live.synced).toISOString()) })}>
          <Text k="line.off" values={{ state: t('line.offState') }} bold={['state']} /> {waiting > 0 && t('line.waiting', { count: waiting })}
        </Banner>
      )}
      {shown === 'back' && (
        <Banner icon={CircleCheck} tone="ok">
          {t('line.back')}
        </Banner>
      )}
    </div>
  );
}
