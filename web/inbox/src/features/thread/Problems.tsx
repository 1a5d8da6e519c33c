import { ShieldAlert, TriangleAlert } from 'lucide-react';
import { useT } from '~/app/locale';
import { Banner } from '~/ui/Banner';
import type { MessageReceived, Summary } from '~core/wire';
import { useOriginal } from './MailMenu';
import { isVerdict, problemText } from './problems';

/** A mail with something wrong is still shown; what was wrong is said, and the original is one click away. */
export function Problems({ head, seq, mail }: { head: Summary; seq: number; mail: MessageReceived }) {
  const { t } = useT();
  const original = useOriginal(head.id, seq);
  const all = (mail.problems ?? []).filter((p) => !(head.folder && p.name === head.filed?.rule)); // the banner of the folder says it
  const warnings = all.filter(isVerdict);
  const flaws = all.filter((p) => !isVerdict(p));
  const grave = warnings.some((p) => p.name === 'virus');
  return (
    <>
      {warnings.length > 0 && (
        <Banner icon={ShieldAlert} tone={grave ? 'bad' : 'warn'}>
          {warnings.map((p) => problemText(p, t)).join(' ')}
        </Banner>
      )}
      {flaws.length > 0 && (
        <Banner icon={TriangleAlert} tone="warn">
          {flaws.map((p) => problemText(p, t)).join(' ')}{' '}
          {mail.email?.raw && (
            <button type="button" onClick={() => original('text')}>
              {t('mail.problemsOpen')}
            </button>
          )}
        </Banner>
      )}
    </>
  );
}
