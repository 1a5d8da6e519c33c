/** Conversations in a few words, each a way to it. */
import { Link } from '@tanstack/react-router';
import { Mail, MessageCircle } from 'lucide-react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { ago } from '~core/time';
import type { Summary } from '~core/wire';
import s from './people.module.css';

/** The view in which a conversation stands. */
export function viewOfThread(h: Summary): string {
  return h.folder || (h.snooze ? 'snoozed' : h.status);
}

export function Threads({ threads, who }: { threads: Summary[]; who?: (h: Summary) => string }) {
  const { t, locale } = useT();
  return (
    <ul className={s.threads}>
      {threads.map((h) => (
        <li key={h.id}>
          <Link to="/inbox/$inbox/$view/{-$thread}" params={{ inbox: h.inbox, view: viewOfThread(h), thread: h.id }}>
            <Icon as={h.channel === 'chat' ? MessageCircle : Mail} size="s" />
            <span>
              {who && <b>{who(h)} </b>}
              {h.subject || h.preview || t('thread.noSubject')}
            </span>
            <time dateTime={h.activeAt}>{ago(locale, h.activeAt, Date.now())}</time>
          </Link>
        </li>
      ))}
    </ul>
  );
}
