import { Lock } from 'lucide-react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { clock, full } from '~core/time';
import { actorName, type Entry } from '~core/wire';
import s from './Note.module.css';
import { TextBody } from './TextBody';

/** An internal note: amber, a lock, and the word. */
export function Note({ thread, entry }: { thread: string; entry: Entry }) {
  const { locale } = useT();
  if (!entry.comment) return null;
  return (
    <NoteFrame
      seq={entry.seq}
      who={actorName(entry.actor)}
      time={
        <time dateTime={entry.at} title={full(locale, entry.at)}>
          {clock(locale, entry.at)}
        </time>
      }
    >
      <TextBody thread={thread} seq={entry.seq} body={entry.comment.body} preview={entry.comment.preview} />
    </NoteFrame>
  );
}

export function NoteFrame({ seq, who, time, children }: { seq?: number; who: string; time: React.ReactNode; children: React.ReactNode }) {
  const { t } = useT();
  return (
    <article className={s.note} id={seq ? `entry-${seq}` : undefined} aria-label={t('note.by', { name: who })}>
      <div className={s.head}>
        <Icon as={Lock} size="xs" />
        <b>{who}</b> {t('note.internal')}
        <span className={s.time}>{time}</span>
      </div>
      {children}
    </article>
  );
}
