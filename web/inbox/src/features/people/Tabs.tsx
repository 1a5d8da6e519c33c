/** From people to companies and back. */
import { Link } from '@tanstack/react-router';
import { useT } from '~/app/locale';
import s from './ContactsPage.module.css';

export function Tabs() {
  const { t } = useT();
  return (
    <nav className={s.tabs} aria-label={t('people.title')}>
      <Link to="/contacts" search={{}} activeOptions={{ exact: true, includeSearch: false }}>
        {t('people.title')}
      </Link>
      <Link to="/companies" activeOptions={{ exact: true }}>
        {t('companies.title')}
      </Link>
    </nav>
  );
}
