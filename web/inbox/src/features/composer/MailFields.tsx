import { useState } from 'react';
import { useT } from '~/app/locale';
import type { Written } from '~core/draft';
import type { Address } from '~core/wire';
import { Chips } from './Chips';
import s from './Composer.module.css';

interface Props {
  written: Written;
  /** whom it goes to as long as nobody chose */
  to: Address[];
  change: (patch: Partial<Written>) => void;
  known: Address[];
  /** everybody who takes part, if that is more than `to` */
  all?: { to: Address[]; cc: Address[] };
  focusTo?: boolean;
}

/** To, and behind two buttons Cc and Bcc. */
export function MailFields({ written, to, change, known, all, focusTo }: Props) {
  const { t } = useT();
  const [cc, setCc] = useState(false);
  const [bcc, setBcc] = useState(false);
  const ccOpen = cc || !!written.cc?.length;
  const bccOpen = bcc || !!written.bcc?.length;
  const more = all && all.to.length + all.cc.length > to.length && !written.to && !written.cc;
  return (
    <div className={s.to}>
      <Chips label={t('composer.to')} value={written.to ?? to} set={(l) => change({ to: l })} known={known} autoFocus={focusTo} />
      {ccOpen && <Chips label={t('composer.cc')} value={written.cc ?? []} set={(l) => change({ cc: l })} known={known} autoFocus={cc} />}
      {bccOpen && <Chips label={t('composer.bcc')} value={written.bcc ?? []} set={(l) => change({ bcc: l })} known={known} autoFocus={bcc} />}
      <span className={s.links}>
        {more && (
          <button type="button" onClick={() => change({ to: all.to, cc: all.cc })}>
            {t('composer.replyAll', { count: all.to.length + all.cc.length })}
          </button>
        )}
        {!ccOpen && (
          <button type="button" onClick={() => setCc(true)}>
            {t('composer.addCc')}
          </button>
        )}
        {!bccOpen && (
          <button type="button" onClick={() => setBcc(true)}>
            {t('composer.addBcc')}
          </button>
        )}
      </span>
    </div>
  );
}
