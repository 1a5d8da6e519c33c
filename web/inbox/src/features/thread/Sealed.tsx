import { Download, Lock } from 'lucide-react';
import { useT } from '~/app/locale';
import { Banner } from '~/ui/Banner';
import { Icon } from '~/ui/Icon';
import type { MessageReceived } from '~core/wire';
import { useOriginal } from './MailMenu';
import s from './Sealed.module.css';

export function sealed(mail: MessageReceived | undefined): boolean {
  return !!mail?.email?.crypto?.endsWith('encrypted');
}

/** An encrypted mail cannot be read here: the page says so and hands it over to a program that can. */
export function Sealed({ thread, seq, mail }: { thread: string; seq: number; mail: MessageReceived }) {
  const { t } = useT();
  const original = useOriginal(thread, seq);
  if (!sealed(mail)) return null;
  return (
    <Banner icon={Lock} tone="info">
      {t('crypto.cannotRead')}{' '}
      {mail.email?.raw && (
        <button type="button" className={s.download} onClick={() => original('file')}>
          <Icon as={Download} size="xs" /> {t('mail.download')}
        </button>
      )}
    </Banner>
  );
}
