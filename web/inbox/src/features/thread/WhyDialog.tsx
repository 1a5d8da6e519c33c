import { useT } from '~/app/locale';
import { Dialog } from '~/ui/Dialog';
import { full, isZero } from '~core/time';
import type { Entry, MessageReceived, Summary } from '~core/wire';
import { explain } from './explain';
import { SetBack } from './SetBack';
import s from './WhyDialog.module.css';

interface Props {
  head: Summary;
  entry: Entry;
  mail: MessageReceived;
  works: boolean;
  open: boolean;
  close: () => void;
}

/** Why a mail is here: each decision about it in words, then what it was decided on. */
export function WhyDialog({ head, mail, entry, works, open, close }: Props) {
  const { t } = useT();
  return (
    <Dialog open={open} onClose={close} title={t('mail.why')}>
      {explain(mail, t).map((p) => (
        <section key={p.title} className={s.part}>
          <h3>{t(p.title)}</h3>
          {p.says.map((x) => (
            <p key={x}>{x}</p>
          ))}
          {works && p.title === 'why.sender' && <SetBack head={head} mail={mail} close={close} />}
        </section>
      ))}
      <details className={s.facts}>
        <summary>{t('why.facts')}</summary>
        <Facts mail={mail} at={entry.at} />
      </details>
    </Dialog>
  );
}

function Facts({ mail, at }: { mail: MessageReceived; at: string }) {
  const { t, locale } = useT();
  const e = mail.email;
  const rows: [string, string | undefined][] = [
    [t('why.rule'), mail.why?.rule],
    ...Object.entries(mail.why?.inputs ?? {}).map(([k, v]): [string, string] => [k, v]),
    [t('why.filterRule'), mail.filter?.why.rule],
    ...Object.entries(mail.filter?.why.inputs ?? {}).map(([k, v]): [string, string] => [k, v]),
    [t('why.autoRule'), e?.auto],
    [t('why.received'), full(locale, at)],
    [t('why.dated'), e?.date && !isZero(e.date) ? full(locale, e.date) : undefined],
    [t('why.mailbox'), e?.mailbox],
    ['Message-ID', e?.messageId],
    ['In-Reply-To', e?.inReplyTo],
    ['References', e?.references?.join('\n')],
    [t('why.carrier'), e?.carrier],
  ];
  return (
    <dl>
      {rows
        .filter(([, v]) => v)
        .map(([k, v], i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two rules may look at inputs of one name
          <div key={i}>
            <dt>{k}</dt>
            <dd>{v}</dd>
          </div>
        ))}
    </dl>
  );
}
