import { Check, Copy, Mail } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Button } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { full } from '~core/time';
import type { ChatView } from '~core/wire';
import s from './ChatsPage.module.css';

/** The tag for the team's pages, and whether it has been seen on one. */
export function Install({ chat }: { chat: ChatView }) {
  const { t, locale } = useT();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(chat.snippet).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    });
  const mail = `mailto:?subject=${encodeURIComponent(t('chats.mailSubject'))}&body=${encodeURIComponent(`${t('chats.mailBody')}\n\n${chat.snippet}\n`)}`;
  return (
    <section className={s.group} aria-labelledby="chat-install">
      <h2 id="chat-install">{t('chats.install')}</h2>
      <p>{t('chats.installText')}</p>
      <div className={s.card}>
        <code className={s.code}>{chat.snippet}</code>
        <div className={s.row}>
          <Button onClick={() => void copy()}>
            <Icon as={copied ? Check : Copy} size="s" />
            {t(copied ? 'chats.copied' : 'chats.copy')}
          </Button>
          <a href={mail}>
            <Icon as={Mail} size="s" /> {t('chats.mail')}
          </a>
        </div>
        <p className={s.ink} role="status">
          {chat.installed ? t('chats.lastSeen', { page: chat.installed.page, time: full(locale, chat.installed.at) }) : t('chats.neverSeen')}
        </p>
      </div>
    </section>
  );
}
