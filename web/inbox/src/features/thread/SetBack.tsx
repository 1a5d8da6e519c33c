import { useT } from '~/app/locale';
import { Button } from '~/ui/Button';
import type { MessageReceived, Summary } from '~core/wire';
import { useThreadActions } from './actions';
import s from './SetBack.module.css';

const nowhere = () => {};

/** If somebody was wrongly taken for the person behind a mail, one click makes its sender the contact. */
export function SetBack({ head, mail, close }: { head: Summary; mail: MessageReceived; close?: () => void }) {
  const { t } = useT();
  const actions = useThreadActions(head.id, nowhere, nowhere);
  const { via } = mail;
  if (!via?.email || head.contact.id !== mail.contact.id) return null;
  const set = () => {
    actions.contact(head, via);
    close?.();
  };
  return (
    <Button className={s.back} onClick={set}>
      {t('why.setBack', { name: via.name || via.email })}
    </Button>
  );
}
