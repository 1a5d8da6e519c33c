/** Writes in a conversation: an answer, a message passed on, or an internal note. What is typed is kept here at once and at the server. */
import { Forward, Lock, Send, X } from 'lucide-react';
import { type FormEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { teamsQuery, usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { modifier } from '~/app/shortcuts';
import { useInbox } from '~/app/unread';
import { Button, IconButton, Kbd } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { isBlank, letterOf, plainOf } from '~core/draft';
import { lastSeq } from '~core/log';
import type { Sending } from '~core/outbox';
import type { Address, ThreadView } from '~core/wire';
import { contactName } from '../thread/contact';
import s from './Composer.module.css';
import { DraftClash, DraftState } from './DraftState';
import { Forwarded } from './Forwarded';
import { Letter, type LetterHandle, preloadEditor } from './Letter';
import { MailFields } from './MailFields';
import { Plain, type PlainHandle } from './Plain';
import { restored, signatureOf } from './signature';
import { mentioned } from './suggest';
import { useDraft, useStoredDrafts } from './useDraft';
import { useFoot } from './useFoot';

export type Mode = 'reply' | 'note' | 'forward';

export interface ComposerHandle {
  focus(mode: Mode): void;
  /** to everybody who takes part */
  replyAll(): void;
  /** passes a message on */
  forward(seq: number): void;
  /** puts back what could not be sent, or was taken back */
  restore(item: Sending): void;
}

interface Props {
  view: ThreadView;
  ref: Ref<ComposerHandle>;
  /** called when something was sent: takes the focus out of the field */
  sent: () => void;
}

const modes: Mode[] = ['reply', 'note', 'forward'];

export function Composer({ view, ref, sent }: Props) {
  const { t } = useT();
  const { outbox, live, keeper, api, query } = useServices();
  const me = useMe();
  const inbox = useInbox();
  const id = view.thread.id;
  const chat = view.thread.channel === 'chat';
  const account = inbox?.accounts.find((a) => a.id === view.thread.account);
  const signature = chat ? '' : signatureOf(me, account);
  const blank = (m: Mode) => isBlank(keeper.get({ thread: id, mode: m }).written, plainOf(signature));
  const [mode, setMode] = useState<Mode>(() => modes.find((m) => !blank(m)) ?? 'reply');
  const place = { thread: id, mode } as const;
  const draft = useDraft(place);
  const { written } = draft;
  const field = useRef<LetterHandle & PlainHandle>(null);
  const form = useRef<HTMLFormElement>(null);
  useFoot(form);
  const wanted = useRef(false);
  const [trouble, setTrouble] = useState('');
  useStoredDrafts(
    modes.map((m) => ({ thread: id, mode: m })),
    view.drafts.length > 0,
  );
  useEffect(() => {
    if (!chat) preloadEditor();
  }, [chat]);
  // A draft from elsewhere opens where it was left.
  const first = view.drafts.find((m) => modes.includes(m as Mode)) as Mode | undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the conversation opens
  useEffect(() => {
    if (first && blank(mode)) setMode(first);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another mode is another field
  useEffect(() => {
    setTrouble('');
    if (!wanted.current) return;
    wanted.current = false;
    if (mode === 'forward' && !written.to?.length) return; // the field for recipients has it
    field.current?.focus();
  }, [mode]);

  const to = (m: Mode) => {
    if (m === mode) return field.current?.focus();
    wanted.current = true;
    setMode(m);
  };
  useImperativeHandle(ref, () => ({
    focus: to,
    replyAll: () => {
      keeper.change({ thread: id, mode: 'reply' }, { to: view.replyAll.to, cc: view.replyAll.cc });
      to('reply');
    },
    forward: (seq) => {
      const p = { thread: id, mode: 'forward' } as const;
      if (keeper.get(p).written.forwards !== seq) keeper.change(p, { forwards: seq, leaveOut: [] });
      to('forward');
    },
    restore: (item) => {
      const m = item.kind === 'note' ? 'note' : item.letter?.forwards ? 'forward' : 'reply';
      keeper.restore({ thread: id, mode: m }, restored(item), item.letter?.draft ?? item.draft ?? '');
    },
  }));

  useEffect(() => {
    const m = keeper.claim(id);
    if (m) to(m);
  });

  const note = mode === 'note';
  const recipients = written.to ?? (mode === 'forward' ? [] : view.replyTo);
  const nothing = mode !== 'forward' && isBlank(written, plainOf(signature));
  const send = (e?: FormEvent) => {
    e?.preventDefault();
    if (nothing) return field.current?.focus();
    if (!note && !chat && field.current?.busy()) return setTrouble(t('composer.filesComing'));
    if (!note && !chat && recipients.length === 0) return setTrouble(t('composer.nobody'));
    const { tag } = keeper.take(place);
    setTrouble('');
    live.sent();
    const seq = lastSeq(view.entries);
    if (note) {
      const text = written.text.trim();
      outbox.add({ thread: id, kind: 'note', text, seq, mentions: called(text), ...(tag ? { draft: tag } : {}) });
    } else {
      const letter = { ...letterOf({ ...written, text: written.text.trim(), to: recipients }, tag), ...(chat ? {} : { undo: true }) };
      outbox.add({ thread: id, kind: 'reply', text: written.text.trim(), seq, letter });
    }
    if (mode === 'forward') setMode('reply');
    sent(); // the next key is a command again: an "n" for a note cannot become mail to the customer
  };
  const called = (text: string) => [
    ...mentioned(text, query.getQueryData(usersQuery(api).queryKey) ?? []).map((u) => ({ user: u.id })),
    ...mentioned(text, query.getQueryData(teamsQuery(api).queryKey) ?? []).map((x) => ({ team: x.id })),
  ];
  const name = contactName(view.thread, t);
  const shown = modes.filter((m) => m !== 'forward' || mode === 'forward' || written.forwards || !blank('forward'));
  const label = { reply: t('composer.replyTo', { name }), note: t('composer.noteLabel'), forward: t('composer.forwardLabel') }[mode];
  const placeholder = {
    reply: t('composer.replyPlaceholder', { name }),
    note: t('composer.notePlaceholder'),
    forward: t('composer.forwardPlaceholder'),
  }[mode];
  const known: Address[] = view.participants;
  return (
    <form
      ref={form}
      className={`${s.composer} ${note ? s.note : ''}`}
      aria-label={t(note ? 'composer.noteLabel' : mode === 'forward' ? 'composer.forwardLabel' : 'composer.replyLabel')}
      onSubmit={send}
      noValidate
    >
      <fieldset className={s.modes} aria-label={t('composer.mode')}>
        {shown.map((m) => (
          <button key={m} type="button" aria-pressed={m === mode} onClick={() => to(m)}>
            {m !== 'reply' && <Icon as={m === 'note' ? Lock : Forward} size="xs" />}
            {t(`composer.${m}`)}
          </button>
        ))}
        <span className="sr" role="status">
          {t(note ? 'composer.noteMode' : chat ? 'composer.chatMode' : 'composer.replyMode')}
        </span>
        {mode === 'forward' && (
          <IconButton
            small
            className={s.quit}
            label={t('composer.forwardStop')}
            onClick={() => {
              void keeper.discard(place);
              setMode('reply');
            }}
          >
            <Icon as={X} size="s" />
          </IconButton>
        )}
      </fieldset>
      <DraftClash of={draft} place={place} />
      {note || (chat && mode === 'reply') ? (
        <p className={s.to}>{t(note ? 'composer.onlyTeam' : 'composer.inChat')}</p>
      ) : (
        <MailFields
          key={`to-${mode}`}
          written={written}
          to={mode === 'forward' ? [] : view.replyTo}
          change={draft.change}
          known={known}
          all={mode === 'reply' ? view.replyAll : undefined}
          focusTo={mode === 'forward' && !written.to?.length}
        />
      )}
      {note || (chat && mode === 'reply') ? (
        <Plain
          key={mode}
          ref={field as Ref<PlainHandle>}
          text={written.text}
          change={(text) => draft.change({ text })}
          label={label}
          placeholder={placeholder}
          inbox={view.thread.inbox}
          thread={id}
          signs={note ? '@' : '#'}
          send={send}
          typing={() => live.typing(id, note)}
        />
      ) : (
        <Letter
          key={mode}
          ref={field}
          written={written}
          change={draft.change}
          initial={signature}
          label={label}
          placeholder={placeholder}
          inbox={view.thread.inbox}
          thread={id}
          send={send}
          typing={() => live.typing(id, true)}
        >
          {mode === 'forward' && <Forwarded view={view} written={written} change={draft.change} />}
        </Letter>
      )}
      {trouble && (
        <p className={s.trouble} role="alert">
          {trouble}
        </p>
      )}
      <div className={s.foot}>
        <DraftState of={nothing ? { ...draft, state: 'none' } : draft} />
        <Button kind="primary" type="submit" aria-disabled={nothing}>
          <Icon as={note ? Lock : Send} size="s" />
          {t(note ? 'composer.addNote' : 'composer.send')}
          <Kbd>{`${modifier}↵`}</Kbd>
        </Button>
      </div>
    </form>
  );
}
