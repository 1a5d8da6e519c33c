import { Paperclip, X } from 'lucide-react';
import { useT } from '~/app/locale';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { bytes } from '~core/time';
import type { DraftFile } from '~core/wire';
import s from './Composer.module.css';
import type { Files } from './useFiles';

/** The files of a message that is being written, those on their way, and what is wrong with one. */
export function FileList({ files, coming, remove }: { files: DraftFile[]; coming: Files; remove: (f: DraftFile) => void }) {
  const { t, locale } = useT();
  if (files.length + coming.coming.length === 0) return null;
  return (
    <ul className={s.files} aria-label={t('composer.files')}>
      {files.map((f) => (
        <li key={f.upload || `${f.entry}/${f.n}`}>
          <Icon as={Paperclip} size="xs" />
          <span>
            {f.name || t('file.unnamed')} {f.size !== undefined && <small>{bytes(locale, f.size)}</small>}
          </span>
          <IconButton small label={t('composer.fileRemove', { name: f.name ?? '' })} onClick={() => remove(f)}>
            <Icon as={X} size="xs" />
          </IconButton>
        </li>
      ))}
      {coming.coming.map((c) => (
        <li key={c.id} data-bad={c.error ? true : undefined} role={c.error ? 'alert' : undefined}>
          <Icon as={Paperclip} size="xs" />
          <span>
            {c.error ? t('composer.fileFailed', { name: c.name, reason: c.error }) : c.name}
            {!c.error && <progress value={c.part} max={1} aria-label={t('composer.fileComing', { name: c.name })} />}
          </span>
          <IconButton
            small
            label={t('composer.fileRemove', { name: c.name })}
            onClick={() => {
              c.cancel();
              coming.dismiss(c.id);
            }}
          >
            <Icon as={X} size="xs" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
