import { useMutation } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import s from './auth.module.css';

/** The session is over while the page is in use. Drafts and what waits to be sent are kept in this tab. */
export function SessionEnded({ open }: { open: boolean }) {
  const { t } = useT();
  const { session } = useServices();
  const again = useMutation({ mutationFn: async () => location.assign(await session.begin(location.pathname + location.search)) });
  return (
    <Dialog open={open} title={t('auth.ended')}>
      <p className={s.dialogText}>{again.isError ? t('auth.unreachable') : t('auth.endedText')}</p>
      <Button kind="primary" onClick={() => again.mutate()}>
        {t('auth.again')}
      </Button>
    </Dialog>
  );
}
