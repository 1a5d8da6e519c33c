import { useQuery } from '@tanstack/react-query';
import { Ellipsis } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useT } from '~/app/locale';
import { bodyQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Icon } from '~/ui/Icon';
import { splitQuote } from '~core/quote';
import type { Body } from '~core/wire';
import s from './TextBody.module.css';

interface Props {
  thread: string;
  seq: number;
  body: Body;
  preview: string;
  /** nothing of it is a quotation */
  whole?: boolean;
}

/** Plain text with its links. What quotes the thread is folded away. */
export function TextBody({ thread, seq, body, preview, whole }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const far = useQuery({ ...bodyQuery(api, thread, seq), enabled: !body.text && !!body.textRef });
  const [open, setOpen] = useState(false);
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
  const { fresh, quoted } = whole ? { fresh: text ?? preview, quoted: '' } : splitQuote(text ?? preview);
  if (fresh.trim() === '' && !quoted) return <p className={s.none}>{t('body.empty')}</p>;
  return (
    <div className={s.text}>
      <Linked text={fresh} />
      {quoted && (
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
              <Linked text={quoted} />
            </div>
          )}
        </>
      )}
    </div>
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
