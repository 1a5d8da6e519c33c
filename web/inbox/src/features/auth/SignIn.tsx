import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound, MessageCircle } from 'lucide-react';
import { type Key, useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { useTitle } from '~/app/unread';
import { Button } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { ApiError, loadConfig } from '~core/api';
import { AuthPanel } from './AuthPanel';
import s from './auth.module.css';

/** The way to the issuer's sign-in page. Where the user wanted to go is kept. */
export function SignIn({ problem, barred }: { problem?: string; barred?: boolean }) {
  const { t } = useT();
  const { session } = useServices();
  const config = useQuery({ queryKey: ['config'], queryFn: () => loadConfig() });
  useTitle(t('auth.title'));
  const leave = useMutation({
    mutationFn: async () => {
      const back = location.pathname === '/callback' ? '/' : location.pathname + location.search;
      location.assign(await session.begin(back));
    },
  });
  const error = leave.error instanceof ApiError ? t(`error.${leave.error.code}` as Key) : leave.error ? String(leave.error) : problem;
  return (
    <AuthPanel title={t('auth.title')} lead={config.data ? t('auth.lead', { domain: config.data.mailDomain }) : ' '} icon={MessageCircle}>
      {barred && !error && (
        <p className={s.error} role="alert">
          {t('auth.barred')}
        </p>
      )}
      {error && (
        <p className={s.error} role="alert">
          {t('auth.failed', { reason: error })}
        </p>
      )}
      <Button kind="primary" onClick={() => leave.mutate()} aria-busy={leave.isPending}>
        <Icon as={KeyRound} size="s" />
        {t('auth.continue')}
      </Button>
      <p className={s.hint}>{t('auth.hint')}</p>
    </AuthPanel>
  );
}
