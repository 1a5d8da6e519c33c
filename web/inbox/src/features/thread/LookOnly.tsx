import { Link } from '@tanstack/react-router';
import { Eye } from 'lucide-react';
import { useT } from '~/app/locale';
import { useMay } from '~/app/rights';
import { Icon } from '~/ui/Icon';
import s from './LookOnly.module.css';

/** In the place of the composer for who does not work here; whoever can change that is shown where. */
export function LookOnly() {
  const { t } = useT();
  const admin = useMay('admin');
  return (
    <p className={s.line}>
      <Icon as={Eye} size="s" />
      <span>
        {t('look.inbox')}{' '}
        {admin && (
          <Link to="/settings/$section/{-$item}" params={{ section: 'inboxes', item: undefined }}>
            {t('look.members')}
          </Link>
        )}
      </span>
    </p>
  );
}
