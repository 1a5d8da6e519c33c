/** Mail that could not be taken in. The raw message is always kept and can be downloaded. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, Menu as MenuIcon, ShieldCheck } from 'lucide-react';
import { openLink } from '~/app/link';
import { useT } from '~/app/locale';
import { quarantineQuery } from '~/app/queries';
import { useViewsDrawer } from '~/app/Shell';
import { useServices } from '~/app/services';
import { useTitle } from '~/app/unread';
import { Button, IconButton } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import { bytes, full } from '~core/time';
import type { Quarantined } from '~core/wire';
import s from './QuarantinePage.module.css';

export function QuarantinePage() {
  const { t } = useT();
  const { api } = useServices();
  const drawer = useViewsDrawer();
  const mails = useQuery(quarantineQuery(api));
  useTitle(t('view.quarantine'));
  return (
    <main className={s.page} id="main">
      <header className={s.head}>
        <IconButton label={t('view.label')} className={s.menu} onClick={drawer}>
          <Icon as={MenuIcon} />
        </IconButton>
        <div>
          <h1>{t('view.quarantine')}</h1>
          <p>{t('quarantine.lead')}</p>
        </div>
      </header>
      {mails.isPending ? (
        <RowsSkeleton label={t('quarantine.loading')} />
      ) : mails.isError ? (
        <Failure title={t('quarantine.failed')} error={mails.error} retry={() => void mails.refetch()} />
      ) : mails.data.length === 0 ? (
        <Empty icon={ShieldCheck} tone="ok" title={t('quarantine.empty')} text={t('quarantine.emptyText')} />
      ) : (
        <Mails mails={mails.data} />
      )}
    </main>
  );
}

function Mails({ mails }: { mails: Quarantined[] }) {
  const { t, locale } = useT();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.scroll} tabIndex={0} aria-label={t('view.quarantine')}>
      <table className={s.table}>
        <thead>
          <tr>
            <th scope="col">{t('quarantine.mail')}</th>
            <th scope="col">{t('quarantine.reason')}</th>
            <th scope="col">{t('quarantine.at')}</th>
            <th scope="col" className={s.num}>
              {t('quarantine.size')}
            </th>
            <th scope="col">
              <span className="sr">{t('quarantine.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {mails.map((m) => (
            <tr key={m.id}>
              <td>
                <b>{m.subject || t('thread.noSubject')}</b>
                <small>{t('quarantine.route', { from: m.from || t('thread.someone'), to: m.to.join(', ') || '–' })}</small>
              </td>
              <td>{m.reason}</td>
              <td className={s.when}>{full(locale, m.at)}</td>
              <td className={s.num}>{bytes(locale, m.size)}</td>
              <td>
                <RawButton mail={m} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RawButton({ mail }: { mail: Quarantined }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const get = useMutation({
    mutationFn: () => api.quarantineRaw(mail.id),
    onSuccess: (r) => openLink(r.url),
    onError: () => toasts.show(t('file.failed')),
  });
  return (
    <Button onClick={() => get.mutate()} aria-label={t('quarantine.rawOf', { subject: mail.subject || t('thread.noSubject') })}>
      <Icon as={Download} size="s" />
      {t('quarantine.raw')}
    </Button>
  );
}
