import { ExternalLink, MailQuestion } from 'lucide-react';
import { openLink } from '~/app/link';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { full } from '~core/time';
import type { ChannelView } from '~core/wire';
import { useChannelChange } from './Channel';
import s from './Channels.module.css';
import { Copy } from './Copy';

/** A mail provider asks before it forwards: its code and its link, taken out of its mail. */
export function Confirm({ channel, may }: { channel: ChannelView; may: boolean }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const change = useChannelChange();
  const c = channel.confirmation;
  if (!c) return null;
  return (
    <section className={`${s.group} ${s.confirm}`} aria-labelledby="confirm">
      <h2 id="confirm">
        <Icon as={MailQuestion} size="s" /> {t('channels.confirm')}
      </h2>
      <p>{t('channels.confirmText', { from: c.from, time: full(locale, c.at) })}</p>
      <p className={s.quote}>{c.subject}</p>
      {!c.proven && <p className={s.error}>{t('channels.confirmDoubt')}</p>}
      {c.code && (
        <p>
          {t('channels.confirmCode')} <Copy text={c.code} of={t('channels.confirmCode')} />
        </p>
      )}
      <div className={s.row}>
        {c.link && (
          <Button kind="primary" onClick={() => openLink(c.link as string)}>
            <Icon as={ExternalLink} size="s" /> {t('channels.confirmLink', { host: new URL(c.link).hostname })}
          </Button>
        )}
        {may && (
          <Button onClick={() => void change.run('confirm', () => api.dismissConfirmation(channel.account.id))} disabled={!!change.busy}>
            {t('channels.confirmDone')}
          </Button>
        )}
      </div>
    </section>
  );
}
