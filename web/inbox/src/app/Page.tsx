/** A page with one sheet: its heading, what it is for, what can be done, and a body that scrolls. */
import { Menu as MenuIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '~/app/locale';
import { useNavDrawer } from '~/app/Shell';
import { useTitle } from '~/app/unread';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import s from './Page.module.css';

interface Props {
  title: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, actions, children }: Props) {
  const { t } = useT();
  const drawer = useNavDrawer();
  useTitle(title);
  return (
    <main className={s.page} id="main">
      <header className={s.head}>
        <IconButton label={t('nav.open')} className={s.menu} onClick={drawer}>
          <Icon as={MenuIcon} />
        </IconButton>
        <div className={s.words}>
          <h1>{title}</h1>
          {lead && <p>{lead}</p>}
        </div>
        {actions && <div className={s.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
}

/** What of a page scrolls. It can be reached by keyboard and has a name. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.scroll} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
