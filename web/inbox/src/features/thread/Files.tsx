import { Download } from 'lucide-react';
import { openLink } from '~/app/link';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { bytes } from '~core/time';
import type { Attachment } from '~core/wire';
import s from './Files.module.css';

function kind(name: string, type: string): string {
  const ext = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1];
  return (ext ?? type.split('/')[1] ?? type).slice(0, 4).toUpperCase();
}

/** The files of a message; pictures inside its text are not listed. */
export function Files({ thread, seq, files }: { thread: string; seq: number; files: Attachment[] }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const shown = files.map((f, n) => ({ ...f, n })).filter((f) => !(f.inline && f.contentId));
  if (shown.length === 0) return null;
  const get = (n: number) =>
    api.attachment(thread, seq, n).then(
      (r) => openLink(r.url),
      () => toasts.show(t('file.failed')),
    );
  return (
    <ul className={s.files} aria-label={t('file.list')}>
      {shown.map((f) => (
        <li key={f.n}>
          <i aria-hidden="true">{kind(f.name, f.type)}</i>
          <span>
            <b>{f.name || t('file.unnamed')}</b>
            <small>
              {bytes(locale, f.size)} · {f.type}
            </small>
          </span>
          <IconButton label={t('file.download', { name: f.name || t('file.unnamed') })} small onClick={() => void get(f.n)}>
            <Icon as={Download} size="s" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
