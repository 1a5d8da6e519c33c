import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Download, Ellipsis, LoaderCircle, MailOpen, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { openLink } from '~/app/link';
import { useT } from '~/app/locale';
import { inboxesQuery, keys, quarantinedQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { Tag } from '~/ui/Tag';
import { bytes, full } from '~core/time';
import type { Quarantined } from '~core/wire';
import s from './QuarantinePage.module.css';
import { parkedText } from './reasons';

/** A mail that waits. Tried again, it stays in its row until the page is left, so that one sees what became of it. */
export function ParkedRow({ mail }: { mail: Quarantined }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const key = keys.quarantined(mail.id);
  const known = client.getQueryData<Quarantined>(key);
  const tried = useQuery({ ...quarantinedQuery(api, mail.id), enabled: mail.state === 'queued' || !!known });
  const now = tried.data && tried.data.changedAt >= mail.changedAt ? tried.data : mail;
  const again = useMutation({
    mutationFn: () => api.reprocess(mail.id),
    onSuccess: (m) => client.setQueryData(key, m),
    onError: (err) => toasts.show(`${t('quarantine.againFailed')} ${reason(err, t)}`),
  });
  const subject = mail.subject || t('thread.noSubject');
  return (
    <Row
      mail={mail}
      says={
        <div role="status">
          {now.state === 'resolved' ? (
            <Outcome mail={now} />
          ) : now.state === 'queued' ? (
            <Tag tone="info">
              <Icon as={LoaderCircle} size="xs" />
              <span>{t('quarantine.running')}</span>
            </Tag>
          ) : (
            <>
              <b className={s.reason}>{parkedText(now.reason, t).what}</b>
              <small>
                {parkedText(now.reason, t).next} {now.tries > 0 && t('quarantine.tried', { count: now.tries })}
              </small>
            </>
          )}
        </div>
      }
      action={
        now.state === 'parked' && (
          <Button onClick={() => again.isPending || again.mutate()} aria-busy={again.isPending} aria-label={t('quarantine.againOf', { subject })}>
            <Icon as={RotateCw} size="s" />
            {t('quarantine.again')}
          </Button>
        )
      }
    />
  );
}

export function ResolvedRow({ mail }: { mail: Quarantined }) {
  return <Row mail={mail} says={<Outcome mail={mail} />} />;
}

/** Where a mail that was tried again is now. */
function Outcome({ mail }: { mail: Quarantined }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const inboxes = useQuery(inboxesQuery(api)).data ?? [];
  const inbox = inboxes.find((i) => i.accounts.some((a) => a.id === mail.account)) ?? inboxes[0];
  return (
    <>
      <Tag tone="ok">
        <Icon as={Check} size="xs" />
        <span>{t(mail.outcome === 'dropped' ? 'quarantine.dropped' : mail.outcome === 'filtered' ? 'quarantine.aside' : 'quarantine.taken')}</span>
      </Tag>{' '}
      {mail.thread && inbox && (
        <Link
          className={s.thread}
          to="/inbox/$inbox/$view/{-$thread}"
          params={{ inbox: inbox.id, view: mail.outcome === 'filtered' ? 'filtered' : 'open', thread: mail.thread }}
        >
          {t('quarantine.openThread')}
        </Link>
      )}
      <small className={s.when}>{t('quarantine.since', { when: full(locale, mail.changedAt) })}</small>
    </>
  );
}

function Row({ mail, says, action }: { mail: Quarantined; says: ReactNode; action?: ReactNode }) {
  const { t, locale } = useT();
  return (
    <tr>
      <td>
        <b>{mail.subject || t('thread.noSubject')}</b>
        <small>{t('quarantine.route', { from: mail.from || t('thread.someone'), to: mail.to.join(', ') || '–' })}</small>
      </td>
      <td>{says}</td>
      <td className={s.at}>
        {full(locale, mail.at)}
        <small>{bytes(locale, mail.size)}</small>
      </td>
      <td>
        <div className={s.actions}>
          {action}
          <RawMenu mail={mail} />
        </div>
      </td>
    </tr>
  );
}

function RawMenu({ mail }: { mail: Quarantined }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const get = (as: string) =>
    void api.quarantineRaw(mail.id, as === 'file' ? 'file' : 'text').then(
      (r) => openLink(r.url),
      () => toasts.show(t('file.failed')),
    );
  return (
    <Menu
      onSelect={get}
      groups={[
        {
          items: [
            { value: 'text', label: t('mail.original'), icon: <Icon as={MailOpen} size="s" /> },
            { value: 'file', label: t('mail.download'), icon: <Icon as={Download} size="s" /> },
          ],
        },
      ]}
      trigger={
        <IconButton label={t('quarantine.rawOf', { subject: mail.subject || t('thread.noSubject') })}>
          <Icon as={Ellipsis} size="s" />
        </IconButton>
      }
    />
  );
}
