import { Link } from '@tanstack/react-router';
import { AccountMenu } from '~/app/AccountMenu';
import { useT } from '~/app/locale';
import { useMe } from '~/app/services';
import nav from '~/features/inbox/ViewNav.module.css';
import { Icon } from '~/ui/Icon';
import s from './SettingsNav.module.css';
import { groups, shows } from './sections';

/** The sections of the settings, by group. */
export function SettingsNav({ onPick, openHelp, drawer }: { onPick?: () => void; openHelp: () => void; drawer?: boolean }) {
  const { t } = useT();
  const me = useMe();
  return (
    <nav className={`${nav.views} ${drawer ? nav.drawer : ''}`} aria-label={t('settings.title')}>
      <div className={nav.name}>{t('settings.title')}</div>
      {groups.map((g) => (
        <section key={g.label} className={s.group} aria-label={t(g.label)}>
          <h2>{t(g.label)}</h2>
          <ul>
            {g.sections
              .filter((x) => shows(x, me.role))
              .map((x) => (
                <li key={x.id}>
                  <Link
                    to="/settings/$section/{-$item}"
                    params={{ section: x.id, item: undefined }}
                    activeOptions={{ exact: false }}
                    activeProps={{ 'aria-current': 'page' }}
                    className={nav.item}
                    onClick={onPick}
                  >
                    <Icon as={x.icon} size="s" />
                    {t(x.label)}
                  </Link>
                </li>
              ))}
          </ul>
        </section>
      ))}
      <div className={nav.foot}>
        <AccountMenu openHelp={openHelp} />
      </div>
    </nav>
  );
}
