import { CircleQuestionMark, Download, Ellipsis, FileText, Forward, MailOpen } from 'lucide-react';
import { useState } from 'react';
import { openLink } from '~/app/link';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import type { Entry, Summary } from '~core/wire';
import { WhyDialog } from './WhyDialog';

interface Props {
  head: Summary;
  entry: Entry;
  plain: boolean;
  setPlain: (p: boolean) => void;
  /** absent for who only looks */
  forward?: (seq: number) => void;
}

/** Opens the mail as it came in, or keeps it as a file. */
export function useOriginal(thread: string, seq: number): (as: 'text' | 'file') => void {
  const { api, toasts } = useServices();
  const { t } = useT();
  return (as) => {
    api.raw(thread, seq, as).then(
      (r) => openLink(r.url),
      () => toasts.show(t('file.failed')),
    );
  };
}

export function MailMenu({ head, entry, plain, setPlain, forward }: Props) {
  const { t } = useT();
  const [why, setWhy] = useState(false);
  const original = useOriginal(head.id, entry.seq);
  const received = entry.received;
  const m = received ?? entry.sent;
  if (!m) return null;
  const groups = [
    forward ? [{ value: 'forward', label: t('mail.forward'), icon: <Icon as={Forward} size="s" /> }] : [],
    [
      ...(received ? [{ value: 'why', label: t('mail.why'), icon: <Icon as={CircleQuestionMark} size="s" /> }] : []),
      ...(m.body.htmlRef ? [{ value: 'plain', label: t(plain ? 'mail.formatted' : 'mail.plain'), icon: <Icon as={FileText} size="s" /> }] : []),
    ],
    received?.email?.raw
      ? [
          { value: 'text', label: t('mail.original'), icon: <Icon as={MailOpen} size="s" /> },
          { value: 'file', label: t('mail.download'), icon: <Icon as={Download} size="s" /> },
        ]
      : [],
  ];
  const select = (v: string) => {
    if (v === 'text' || v === 'file') original(v);
    if (v === 'plain') setPlain(!plain);
    if (v === 'why') setWhy(true);
    if (v === 'forward') forward?.(entry.seq);
  };
  return (
    <>
      <Menu
        onSelect={select}
        groups={groups.filter((g) => g.length).map((items) => ({ items }))}
        trigger={
          <IconButton label={t('mail.more')} small>
            <Icon as={Ellipsis} size="s" />
          </IconButton>
        }
      />
      {received && <WhyDialog head={head} entry={entry} mail={received} works={!!forward} open={why} close={() => setWhy(false)} />}
    </>
  );
}
