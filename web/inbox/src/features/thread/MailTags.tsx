import { Bot, EyeOff, Forward, Lock, type LucideIcon, Mails, PenLine, UserRoundX } from 'lucide-react';
import { type Key, useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import type { MessageReceived, Summary } from '~core/wire';
import { writtenBy } from './explain';
import s from './MailCard.module.css';
import { SetBack } from './SetBack';

interface Mark {
  icon: LucideIcon;
  tone: 'plain' | 'warn' | 'info';
  text: string;
  why: string;
}

const sealed: Record<string, Key> = {
  'smime-signed': 'crypto.smimeSigned',
  'pgp-signed': 'crypto.pgpSigned',
  'smime-encrypted': 'crypto.smimeEncrypted',
  'pgp-encrypted': 'crypto.pgpEncrypted',
};

/** What sets this mail apart from one that a person wrote to us, each in a word. */
export function MailTags({ head, mail, works }: { head: Summary; mail: MessageReceived; works: boolean }) {
  const { t } = useT();
  const e = mail.email;
  const marks: Mark[] = [];
  if (mail.via) marks.push({ icon: Forward, tone: 'info', text: t('mail.via', { via: mail.via.name || mail.via.email }), why: writtenBy(mail, t) });
  if (mail.thirdParty) marks.push({ icon: UserRoundX, tone: 'warn', text: t('mail.thirdParty'), why: t('mail.thirdPartyWhy') });
  if (e?.auto && !e.list) marks.push({ icon: Bot, tone: 'plain', text: t('mail.auto'), why: t('mail.autoWhy') });
  if (e?.list) marks.push({ icon: Mails, tone: 'plain', text: t('mail.list', { list: e.list }), why: t('mail.listWhy') });
  if (e?.bcc) marks.push({ icon: EyeOff, tone: 'info', text: t('mail.bcc'), why: t('mail.bccWhy', { mailbox: e.mailbox ?? '' }) });
  const seal = e?.crypto && sealed[e.crypto];
  if (seal) {
    const shut = e.crypto?.endsWith('encrypted');
    marks.push({
      icon: shut ? Lock : PenLine,
      tone: shut ? 'info' : 'plain',
      text: t(seal),
      why: t(shut ? 'crypto.encryptedWhy' : 'crypto.signedWhy'),
    });
  }
  if (marks.length === 0) return null;
  return (
    <ul className={s.tags} aria-label={t('mail.tags')}>
      {marks.map((m) => (
        <li key={m.text}>
          <Tag tone={m.tone} title={m.why}>
            <Icon as={m.icon} size="xs" />
            <span>{m.text}</span>
          </Tag>
        </li>
      ))}
      {works && mail.via && (
        <li>
          <SetBack head={head} mail={mail} />
        </li>
      )}
    </ul>
  );
}
