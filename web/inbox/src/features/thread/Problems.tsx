import { TriangleAlert } from 'lucide-react';
import { useT } from '~/app/locale';
import { Banner } from '~/ui/Banner';
import type { MessageReceived } from '~core/wire';
import { useOriginal } from './MailMenu';

/** A mail with something wrong is still shown; what was wrong is said, and the original is one click away. */
export function Problems({ thread, seq, mail }: { thread: string; seq: number; mail: MessageReceived }) {
  const { t } = useT();
  const original = useOriginal(thread, seq);
  if (!mail.problems?.length) return null;
  const list = mail.problems.map((p) => (p.detail ? `${p.name} (${p.detail})` : p.name)).join(', ');
  return (
    <Banner icon={TriangleAlert} tone="warn">
      {t('mail.problems', { list })}{' '}
      {mail.email?.raw && (
        <button type="button" onClick={original}>
          {t('mail.problemsOpen')}
        </button>
      )}
    </Banner>
  );
}
