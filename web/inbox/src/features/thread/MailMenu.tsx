import { CircleQuestionMark, Ellipsis, FileText, MailOpen } from 'lucide-react';
import { useState } from 'react';
import { openLink } from '~/app/link';
import { type Key, useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { IconButton } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import type { Entry } from '~core/wire';
import s from './MailMenu.module.css';

interface Props {
  thread: string;
  entry: Entry;
  plain: boolean;
  setPlain: (p: boolean) => void;
}

/** Opens the mail as it came in. */
export function useOriginal(thread: string, seq: number): () => void {
  const { api, toasts } = useServices();
  const { t } = useT();
  return () => {
    api.raw(thread, seq).then(
      (r) => openLink(r.url),
      () => toasts.show(t('file.failed')),
    );
  };
}

export function MailMenu({ thread, entry, plain, setPlain }: Props) {
  const { t } = useT();
  const [why, setWhy] = useState(false);
  const original = useOriginal(thread, entry.seq);
  const m = entry.received;
  const items = [
    ...(m?.email?.raw ? [{ value: 'original', label: t('mail.original'), icon: <Icon as={MailOpen} size="s" /> }] : []),
    ...(m?.body.htmlRef ? [{ value: 'plain', label: t(plain ? 'mail.formatted' : 'mail.plain'), icon: <Icon as={FileText} size="s" /> }] : []),
    ...(m?.why ? [{ value: 'why', label: t('mail.why'), icon: <Icon as={CircleQuestionMark} size="s" /> }] : []),
  ];
  if (items.length === 0) return null;
  const select = (v: string) => {
    if (v === 'original') original();
    if (v === 'plain') setPlain(!plain);
    if (v === 'why') setWhy(true);
  };
  return (
    <>
      <Menu
        onSelect={select}
        groups={[{ items }]}
        trigger={
          <IconButton label={t('mail.more')} small>
            <Icon as={Ellipsis} size="s" />
          </IconButton>
        }
      />
      {m?.why && (
        <Dialog open={why} onClose={() => setWhy(false)} title={t('mail.why')}>
          <p className={s.rule}>{ruleText(m.why.rule, t)}</p>
          <dl className={s.inputs}>
            <dt>{t('why.rule')}</dt>
            <dd>{m.why.rule}</dd>
            {Object.entries(m.why.inputs ?? {}).map(([k, v]) => (
              <div key={k}>
                <dt>{k}</dt>
                <dd>{v}</dd>
              </div>
            ))}
          </dl>
        </Dialog>
      )}
    </>
  );
}

function ruleText(rule: string, t: (k: Key) => string): string {
  const known: Record<string, Key> = {
    token: 'why.token',
    references: 'why.references',
    'in-reply-to': 'why.references',
    referenced: 'why.referenced',
    new: 'why.new',
  };
  return t(known[rule] ?? 'why.unknown');
}
