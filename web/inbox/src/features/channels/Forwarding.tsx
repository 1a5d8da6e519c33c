import { useState } from 'react';
import { type Key, useT } from '~/app/locale';
import s from './Channels.module.css';
import { Copy } from './Copy';

const providers = ['gmail', 'outlook', 'groups', 'any'] as const;

/** How each provider is told to forward. */
export function Forwarding({ hosted, address }: { hosted: string; address: string }) {
  const { t } = useT();
  const [of, setOf] = useState<(typeof providers)[number]>(
    /@(?:gmail|googlemail)\./.test(address) ? 'gmail' : /@(?:outlook|hotmail|live)\./.test(address) ? 'outlook' : 'gmail',
  );
  const steps = [1, 2, 3, 4].map((n) => t(`channels.steps.${of}.${n}` as Key, { hosted, address })).filter((x) => !x.startsWith('channels.'));
  return (
    <section className={s.group} aria-labelledby="forwarding">
      <h2 id="forwarding">{t('channels.forwarding')}</h2>
      <p>
        {t('channels.forwardTo', { address })} <Copy text={hosted} of={hosted} />
      </p>
      <fieldset className={s.tabs} aria-label={t('channels.provider')}>
        {providers.map((p) => (
          <button key={p} type="button" aria-pressed={p === of} onClick={() => setOf(p)}>
            {t(`channels.provider.${p}`)}
          </button>
        ))}
      </fieldset>
      <ol className={s.steps}>
        {steps.map((x) => (
          <li key={x}>{x}</li>
        ))}
      </ol>
    </section>
  );
}
