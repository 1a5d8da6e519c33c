import { CircleHelp, LogOut } from 'lucide-react';
import { type Locale, localeNames, locales, useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import { useLocaleSwitch } from '~/app/switch';
import { chooseTheme, chosenTheme, type Theme, themes } from '~/app/theme';
import { myDevice } from '~/features/notices/device';
import { Avatar } from '~/ui/Avatar';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import s from './AccountMenu.module.css';

/** Who is signed in; look, language, keys, sign out. */
export function AccountMenu({ compact, openHelp }: { compact?: boolean; openHelp: () => void }) {
  const { t, locale } = useT();
  const { api, session, toasts } = useServices();
  const me = useMe();
  const change = useLocaleSwitch();
  const theme = chosenTheme();
  const leave = async () => {
    // A browser that nobody is signed in on is told nothing. That must not keep anybody from signing out.
    if (myDevice()) await import('~/features/notices/push').then((p) => p.unsubscribe(api)).catch(() => undefined);
    await session.end().catch(() => toasts.show(t('account.signOutFailed')));
  };
  const select = (value: string) => {
    const [what, to] = value.split(':');
    if (what === 'theme') chooseTheme(to as Theme);
    if (what === 'locale') change(to as Locale);
    if (what === 'help') openHelp();
    if (what === 'out') void leave();
  };
  const trigger = (
    <button type="button" className={compact ? s.compact : s.account} aria-label={compact ? t('account.label', { name: me.name }) : undefined}>
      <Avatar id={me.id} name={me.name} address={me.email} size="sm" />
      {!compact && (
        <span className={s.who}>
          {me.name}
          <small>{t(`role.${me.role}`)}</small>
          <span className="sr">{t('account.what')}</span>
        </span>
      )}
    </button>
  );
  return (
    <Menu
      trigger={trigger}
      placement={compact ? 'right-end' : 'top-start'}
      onSelect={select}
      head={<div className={s.head}>{me.email}</div>}
      groups={[
        { label: t('account.theme'), items: themes.map((v) => ({ value: `theme:${v}`, label: t(`account.theme.${v}`), checked: v === theme })) },
        { label: t('account.language'), items: locales.map((v) => ({ value: `locale:${v}`, label: localeNames[v], checked: locale.startsWith(v) })) },
        {
          items: [
            { value: 'help', label: t('help.title'), icon: <Icon as={CircleHelp} size="s" /> },
            { value: 'out', label: t('account.signOut'), icon: <Icon as={LogOut} size="s" /> },
          ],
        },
      ]}
    />
  );
}
