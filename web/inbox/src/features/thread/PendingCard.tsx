import { Clock, TriangleAlert } from 'lucide-react';
import { type Key, useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import { Avatar } from '~/ui/Avatar';
import { Button } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import type { Sending } from '~core/outbox';
import { clock } from '~core/time';
import card from './MailCard.module.css';
import { NoteFrame } from './Note';
import s from './PendingCard.module.css';
import { Linked } from './TextBody';
import text from './TextBody.module.css';

interface Props {
  item: Sending;
  /** absent for who may work here no longer: what they wrote can only be thrown away */
  editAgain?: (item: Sending) => void;
}

/** What was sent here and the server has not acknowledged. Shown at once, in the place it will have. */
export function PendingCard({ item, editAgain }: Props) {
  const { t, locale } = useT();
  const me = useMe();
  const time = <time dateTime={item.at}>{clock(locale, item.at)}</time>;
  const body = (
    <div className={text.text}>
      <Linked text={item.text} />
    </div>
  );
  const state = <State item={item} editAgain={editAgain} />;
  if (item.kind === 'note') {
    return (
      <NoteFrame who={me.name} time={time}>
        {body}
        {state}
      </NoteFrame>
    );
  }
  return (
    <article className={`${card.card} ${card.out} ${s.pending}`} aria-label={t('mail.sentBy', { name: me.name })}>
      <header className={card.head}>
        <Avatar id={me.id} name={me.name} size="sm" />
        <div className={card.who}>
          <p>
            <b>{me.name}</b>
          </p>
          {!!item.letter?.to?.length && (
            <p className={card.route}>{t('mail.to', { list: item.letter.to.map((a) => a.name || a.email).join(', ') })}</p>
          )}
        </div>
        {time}
      </header>
      <div className={card.body}>{body}</div>
      <div className={s.foot}>{state}</div>
    </article>
  );
}

function State({ item, editAgain }: Props) {
  const { t } = useT();
  const { outbox } = useServices();
  const failed = item.state === 'failed';
  const edit = () => {
    outbox.discard(item.key);
    editAgain?.(item);
  };
  return (
    <div className={s.state} role={failed ? 'alert' : undefined} data-state={item.state}>
      <span className={failed ? s.bad : ''}>
        <Icon as={failed ? TriangleAlert : Clock} size="xs" />
        {t(`pending.${item.state}` as Key)} {item.reason}
      </span>
      {item.state !== 'sending' && editAgain && (
        <>
          <Button onClick={() => outbox.retry(item.key)}>{t('action.retry')}</Button>
          <Button onClick={edit}>{t('pending.edit')}</Button>
        </>
      )}
      {item.state === 'failed' && !editAgain && <Button onClick={edit}>{t('write.discard')}</Button>}
    </div>
  );
}
