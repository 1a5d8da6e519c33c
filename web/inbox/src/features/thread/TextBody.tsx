import { useQuery } from '@tanstack/react-query';
import { Ellipsis } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useT } from '~/app/locale';
import { bodyQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Icon } from '~/ui/Icon';
import { parts } from '~core/folds';
import type { Body } from '~core/wire';
import s from './TextBody.module.css';

interface Props {
  thread: string;
  seq: number;
  body: Body;
  preview: string;
}

/** Plain text with its links. What its writer did not write for this message is folded, in its place. */
export function TextBody({ thread, seq, body, preview }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const far = useQuery({ ...bodyQuery(api, thread, seq), enabled: !body.text && !!body.textRef });
  const text = body.text || far.data?.text;
  if (text === undefined && far.isError) {
    return (
      <div className={s.failed} role="alert">
        {preview}
        <button type="button" onClick={() => void far.refetch()}>
          {t('body.failed')}
        </button>
      </div>
    );
  }
  const shown = text ?? preview;
  if (shown.trim() === '') return <p className={s.none}>{t('body.empty')}</p>;
  return (
    <div className={s.text}>
      {parts(shown, text === undefined ? [] : body.folds).map((p) =>
        p.folded ? <Folded key={p.from} text={p.text} /> : <Fresh key={p.from} text={p.text} />,
      )}
    </div>
  );
}

/** Words, among them perhaps what they answer to: that steps back. */
function Fresh({ text }: { text: string }) {
  return text.split(cited).map((run, i) => {
    const key = `${i}${run.length}`;
    return i % 2 === 0 ? (
      <Linked key={key} text={run} />
    ) : (
      <span key={key} className={s.cited}>
        <Linked text={run} />
      </span>
    );
  });
}

/** Lines that quote. */
const cited = /^((?:>.*(?:\n|$))+)/gm;

function Folded({ text }: { text: string }) {
  const { t } = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className={s.fold}
        aria-expanded={open}
        aria-label={t('body.quoted')}
        title={t('body.quoted')}
        onClick={() => setOpen(!open)}
      >
        <Icon as={Ellipsis} size="s" />
      </button>
      {open && (
        <div className={s.quoted}>
          <Linked text={text} />
        </div>
      )}
    </>
  );
}

const link = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/g;

export function Linked({ text }: { text: string }) {
  return text.split(link).map((part, i) => {
    const key = `${i}${part.length}`;
    if (i % 2 === 0) return <Fragment key={key}>{part}</Fragment>;
    return (
      <a key={key} href={part} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    );
  });
}
