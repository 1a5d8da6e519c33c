import { Download, Mail } from 'lucide-react';
import { openLink } from '~/app/link';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { bytes, full, isZero } from '~core/time';
import type { Listed } from './attached';
import s from './Files.module.css';
import { person } from './MailCard';

function kind(name: string, type: string): string {
  const ext = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1];
  return (ext ?? type.split('/')[1] ?? type).slice(0, 4).toUpperCase();
}

/** The files of a message. A mail among them is named by its subject and sender. */
export function Files({ thread, seq, files }: { thread: string; seq: number; files: Listed[] }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  if (files.length === 0) return null;
  const get = (n: number) =>
    api.attachment(thread, seq, n).then(
      (r) => openLink(r.url),
      () => toasts.show(t('file.failed')),
    );
  return (
    <ul className={s.files} aria-label={t('file.list')}>
      {files.map((f) => (
        <li key={f.n}>
          <i aria-hidden="true">{f.mail ? <Icon as={Mail} size="s" /> : kind(f.name, f.type)}</i>
          <Words file={f} />
          <IconButton label={t('file.download', { name: f.mail?.subject || f.name || t('file.unnamed') })} small onClick={() => void get(f.n)}>
            <Icon as={Download} size="s" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function Words({ file }: { file: Listed }) {
  const { t, locale } = useT();
  const { mail } = file;
  if (!mail) {
    return (
      <span>
        <b>{file.name || t('file.unnamed')}</b>
        <small>
          {bytes(locale, file.size)} · {file.type}
        </small>
      </span>
    );
  }
  const from = mail.from.email || mail.from.name ? person(mail.from) : t('thread.someone');
  return (
    <span>
      <b>{mail.subject || t('thread.noSubject')}</b>
      <small>
        {t('file.mailFrom', { from })}
        {!isZero(mail.date) && mail.date && `, ${full(locale, mail.date)}`} · {bytes(locale, file.size)}
      </small>
    </span>
  );
}
