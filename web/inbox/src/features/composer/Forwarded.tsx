import { Paperclip } from 'lucide-react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import type { Written } from '~core/draft';
import { bytes, full } from '~core/time';
import type { ThreadView } from '~core/wire';
import s from './Composer.module.css';

/** Which message is passed on below the text, and which of its files come along. */
export function Forwarded({ view, written, change }: { view: ThreadView; written: Written; change: (p: Partial<Written>) => void }) {
  const { t, locale } = useT();
  const e = view.entries.find((x) => x.seq === written.forwards);
  const m = e?.received ?? e?.sent;
  if (!e || !m) return <p className={s.passed}>{t('composer.forwardsOlder')}</p>;
  return (
    <div className={s.passed}>
      <p>{t('composer.forwards', { name: m.from.name || m.from.email, time: full(locale, e.at) })}</p>
      <p className={s.quote}>{m.preview}</p>
      {m.attachments?.map((a, n) => (
        <label key={a.ref}>
          <input
            type="checkbox"
            checked={!written.leaveOut.includes(n)}
            onChange={(x) => change({ leaveOut: x.target.checked ? written.leaveOut.filter((i) => i !== n) : [...written.leaveOut, n] })}
          />
          <Icon as={Paperclip} size="xs" /> {a.name || t('file.unnamed')} <small>{bytes(locale, a.size)}</small>
        </label>
      ))}
    </div>
  );
}
