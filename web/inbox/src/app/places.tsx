import { Link } from '@tanstack/react-router';
import { Compass, Inbox } from 'lucide-react';
import { useT } from '~/app/locale';
import { Empty } from '~/ui/Empty';
import s from './Shell.module.css';

export function NotFound() {
  const { t } = useT();
  return (
    <main className={s.sheet} id="main">
      <h1 className="sr">{t('notfound.title')}</h1>
      <Empty icon={Compass} title={t('notfound.title')} text={t('notfound.text')}>
        <Link to="/">{t('notfound.home')}</Link>
      </Empty>
    </main>
  );
}

export function NoInbox() {
  const { t } = useT();
  return (
    <main className={s.sheet} id="main">
      <h1 className="sr">{t('noinbox.title')}</h1>
      <Empty icon={Inbox} tone="acc" title={t('noinbox.title')} text={t('noinbox.text')} />
    </main>
  );
}
