/** The file of a message: brought, kept by Parley for good, and named. */
import { Paperclip, X } from 'lucide-react';
import { type ChangeEvent, useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { type Upload, upload } from '~/features/composer/uploads';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { bytes } from '~core/time';
import { type BotFile, botFilePath } from '~core/wire';
import { botApi } from '../api';
import { useBuilder } from '../builder';
import s from './forms.module.css';

interface Props {
  file?: BotFile;
  set: (f: BotFile | undefined) => void;
  /** a file is on its way: what it comes to must stay where it is */
  busy: (b: boolean) => void;
}

export function FileField({ file, set, busy }: Props) {
  const { t, locale } = useT();
  const { api } = useServices();
  const b = useBuilder();
  const [part, setPart] = useState<number>();
  const [error, setError] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const running = useRef<Upload>(undefined);
  const latest = useRef({ set, busy });
  latest.current = { set, busy };
  // Whoever turns to another step gives the upload up: it would come to a form that is not there.
  useEffect(
    () => () => {
      running.current?.cancel();
      running.current = undefined;
    },
    [],
  );
  const bring = async (e: ChangeEvent<HTMLInputElement>) => {
    const chosen = e.target.files?.[0];
    e.target.value = '';
    if (!chosen) return;
    const u = upload(api, chosen, setPart);
    running.current = u;
    setError('');
    setPart(0);
    busy(true);
    try {
      const up = await u.done;
      const kept = await botApi(api).keepFile(b.flow, up.upload ?? '', up.name ?? chosen.name);
      if (running.current === u) latest.current.set(kept);
    } catch (err) {
      if (running.current === u && !(err instanceof DOMException)) setError(reason(err, t));
    } finally {
      if (running.current === u) {
        running.current = undefined;
        setPart(undefined);
        latest.current.busy(false);
      }
    }
  };
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  return (
    <div className={s.field}>
      {file ? (
        <div className={s.file}>
          {file.picture ? <img src={botFilePath(b.flow.account, file)} alt="" /> : <Icon as={Paperclip} size="s" />}
          <a href={botFilePath(b.flow.account, file)} target="_blank" rel="noopener noreferrer">
            {file.name}
          </a>
          <small>{bytes(locale, file.size)}</small>
          {!b.fixed && (
            <IconButton label={t('bots.fileRemove', { name: file.name })} small onClick={() => set(undefined)}>
              <Icon as={X} size="s" />
            </IconButton>
          )}
        </div>
      ) : (
        <>
          <Button className={s.add} disabled={part !== undefined} onClick={() => input.current?.click()}>
            <Icon as={Paperclip} size="s" />
            {part === undefined ? t('bots.fileAdd') : t('bots.fileComing', { part: percent.format(part) })}
          </Button>
          <input ref={input} type="file" hidden aria-label={t('bots.fileAdd')} onChange={(e) => void bring(e)} />
        </>
      )}
      <p className={error ? s.error : s.hint} role={error ? 'alert' : undefined}>
        {error || t('bots.fileHint')}
      </p>
    </div>
  );
}
