import { CloudOff } from 'lucide-react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { useTitle } from '~/app/unread';
import { Button } from '~/ui/Button';
import { AuthPanel } from './AuthPanel';

/** The page came from a cache or the server is gone: nothing can be said about who is signed in. */
export function Unreachable() {
  const { t } = useT();
  const { session } = useServices();
  useTitle(t('auth.unreachableTitle'));
  return (
    <AuthPanel icon={CloudOff} title={t('auth.unreachableTitle')} lead={t('auth.unreachable')}>
      <Button kind="primary" onClick={() => void session.restore()}>
        {t('action.retry')}
      </Button>
    </AuthPanel>
  );
}
