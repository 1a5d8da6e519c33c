/** Writes a reply or an internal note. What is typed survives leaving the thread, a reload and a new sign-in. */
import { Lock, Send } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { modifier } from '~/app/shortcuts';
import { person } from '~/features/thread/MailCard';
import { Button, Kbd } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { lastSeq } from '~core/log';
import type { ThreadView } from '~core/wire';
import s from './Composer.module.css';
import { addresses, type Draft, loadDraft, type Mode, saveDraft } from './draft';

export interface ComposerHandle {
  focus(mode: Mode): void;
  /** puts back what could not be sent */
  restore(text: string, mode: Mode): void;
}

interface Props {
  view: ThreadView;
  ref: Ref<ComposerHandle>;
  /** called when something was sent: takes the focus out of the field */
  sent: () => void;
}

export function Composer({ view, ref, sent }: Props) {
  const { t } = useT();
  const { outbox } = useServices();
  const id = view.thread.id;
  const [draft, setDraft] = useState<Draft>(() => loadDraft(id));
  const area = useRef<HTMLTextAreaElement>(null);
  const { mode } = draft;
  const text = draft[mode];
  const note = mode === 'note';
  const change = (patch: Partial<Draft>) =>
    setDraft((d) => {
      const next = { ...d, ...patch };
      saveDraft(id, next);
      return next;
    });
  useImperativeHandle(ref, () => ({
    focus: (m) => {
      change({ mode: m });
      area.current?.focus();
    },
    restore: (old, m) => {
      setDraft((d) => {
        const next = { ...d, mode: m, [m]: d[m] ? `${old}\n\n${d[m]}` : old };
        saveDraft(id, next);
        return next;
      });
      area.current?.focus();
    },
  }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const el = area.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, window.innerHeight * 0.4)}px`;
  }, [text, mode]);

  const send = (e?: FormEvent) => {
    e?.preventDefault();
    const body = text.trim();
    if (!body) return area.current?.focus();
    const cc = note ? [] : addresses(draft.cc);
    outbox.add({
      thread: id,
      kind: mode,
      text: body,
      seq: lastSeq(view.entries),
      ...(note ? {} : { to: view.replyTo, ...(cc.length ? { cc } : {}) }),
    });
    change({ [mode]: '', cc: note ? draft.cc : '' });
    sent(); // the next key is a command again: an "n" for a note cannot become mail to the customer
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === 'Enter' && (e.metaKey || e.ctrlKey)) {
      e.preventDefault();
      send();
    } else if (e.key === 'Escape') {
      e.stopPropagation();
      area.current?.blur();
    }
  };
  const name = view.thread.contact.name || view.thread.contact.address || t('thread.someone');
  return (
    <form className={`${s.composer} ${note ? s.note : ''}`} aria-label={t(note ? 'composer.noteLabel' : 'composer.replyLabel')} onSubmit={send}>
      <fieldset className={s.modes} aria-label={t('composer.mode')}>
        {(['reply', 'note'] as const).map((m) => (
          <button
            key={m}
            type="button"
            aria-pressed={m === mode}
            onClick={() => {
              change({ mode: m });
              area.current?.focus();
            }}
          >
            {m === 'note' && <Icon as={Lock} size="xs" />}
            {t(`composer.${m}`)}
          </button>
        ))}
        <span className="sr" role="status">
          {t(note ? 'composer.noteMode' : 'composer.replyMode')}
        </span>
      </fieldset>
      {note ? <p className={s.to}>{t('composer.onlyTeam')}</p> : <Recipients view={view} cc={draft.cc} setCc={(cc) => change({ cc })} />}
      <textarea
        ref={area}
        className={s.text}
        rows={2}
        value={text}
        onChange={(e) => change({ [mode]: e.target.value })}
        onKeyDown={onKey}
        aria-label={note ? t('composer.noteLabel') : t('composer.replyTo', { name })}
        placeholder={note ? t('composer.notePlaceholder') : t('composer.replyPlaceholder', { name })}
      />
      <div className={s.foot}>
        <span className={s.saved}>{text ? t('composer.kept') : ''}</span>
        <Button kind="primary" type="submit" aria-disabled={!text.trim()}>
          <Icon as={note ? Lock : Send} size="s" />
          {t(note ? 'composer.addNote' : 'composer.send')}
          <Kbd>{`${modifier}↵`}</Kbd>
        </Button>
      </div>
    </form>
  );
}

function Recipients({ view, cc, setCc }: { view: ThreadView; cc: string; setCc: (cc: string) => void }) {
  const { t } = useT();
  const [open, setOpen] = useState(cc !== '');
  return (
    <div className={s.to}>
      <span>{t('mail.to', { list: view.replyTo.map(person).join(', ') || '–' })}</span>
      {open ? (
        <label>
          {t('composer.cc')}
          <input value={cc} onChange={(e) => setCc(e.target.value)} inputMode="email" autoComplete="off" spellCheck={false} />
        </label>
      ) : (
        <button type="button" onClick={() => setOpen(true)}>
          {t('composer.addCc')}
        </button>
      )}
    </div>
  );
}
