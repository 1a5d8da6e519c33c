/** Writes to somebody who has not written: the first message of a conversation. Its draft has a place of its own, named in the URL. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { PencilLine, Send, Trash2 } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { Closed } from '~/app/Closed';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { inboxesQuery } from '~/app/queries';
import { useWorksSomewhere } from '~/app/rights';
import { writeRoute } from '~/app/router';
import { useMe, useServices } from '~/app/services';
import { modifier } from '~/app/shortcuts';
import { Button, Kbd } from '~/ui/Button';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import { firstLetterOf, isBlank, looksRight, plainOf } from '~core/draft';
import type { Account } from '~core/wire';
import { Chips } from './Chips';
import { DraftClash, DraftState } from './DraftState';
import { Letter, type LetterHandle } from './Letter';
import s from './NewMailPage.module.css';
import { signatureOf } from './signature';
import { useDraft, useStoredDrafts } from './useDraft';

export function NewMailPage() {
  const { t } = useT();
  const { api } = useServices();
  const { draft: id } = writeRoute.useParams();
  const inboxes = useQuery(inboxesQuery(api));
  const works = useWorksSomewhere();
  const senders = (inboxes.data ?? [])
    .filter((i) => i.works)
    .flatMap((i) => i.accounts.filter((a) => a.channel === 'email' && a.state !== 'disconnected'));
  if (!works) return <Closed title={t('write.title')} text={t('look.nowhere')} />;
  return (
    <Page title={t('write.title')} lead={t('write.lead')}>
      <Scroll label={t('write.title')}>
        {inboxes.isPending ? (
          <RowsSkeleton label={t('write.loading')} />
        ) : inboxes.isError ? (
          <Failure title={t('write.failed')} error={inboxes.error} retry={() => void inboxes.refetch()} />
        ) : senders.length === 0 ? (
          <Empty icon={PencilLine} title={t('write.noAccount')} text={t('write.noAccountText')} />
        ) : (
          <NewMail key={id} id={id} senders={senders} />
        )}
      </Scroll>
    </Page>
  );
}

function NewMail({ id, senders }: { id: string; senders: Account[] }) {
  const { t } = useT();
  const { api, keeper, live, holds } = useServices();
  const navigate = useNavigate();
  const me = useMe();
  const place = { id };
  const draft = useDraft(place);
  const { written } = draft;
  useStoredDrafts([place], true);
  const [wrong, setWrong] = useState<{ to?: string; rest?: string }>({});
  const letter = useRef<LetterHandle>(null);
  const tried = useRef({ body: '', key: '' });
  const here = localStorage.getItem('parley.inbox');
  const account =
    senders.find((a) => a.id === written.account) ??
    senders.find((a) => a.inbox === here && !a.fallback) ??
    senders.find((a) => a.inbox === here) ??
    senders[0];
  const signature = signatureOf(me, account);
  const sending = useMutation({
    mutationFn: async () => {
      const body = { ...firstLetterOf({ ...written, account: account?.id ?? '' }, id, keeper.get(place).tag), undo: true };
      const text = JSON.stringify({ ...body, draft: '' });
      if (tried.current.body !== text) tried.current = { body: text, key: crypto.randomUUID() }; // the same mail twice is one
      return { body, change: await api.begin(body, tried.current.key) };
    },
    onSuccess: ({ body, change }) => {
      keeper.take(place);
      live.changed(change.thread.id, change);
      holds.add(
        {
          thread: change.thread.id,
          kind: 'reply',
          text: written.text,
          letter: body,
          seq: 0,
          key: tried.current.key,
          at: '',
          state: 'sending',
          reason: '',
          attempts: 1,
        },
        change,
      );
      void navigate({ to: '/inbox/$inbox/$view/{-$thread}', params: { inbox: change.thread.inbox, view: 'open', thread: change.thread.id } });
    },
    onError: (err) => setWrong({ rest: reason(err, t) }),
  });
  const send = (e?: FormEvent) => {
    e?.preventDefault();
    if (sending.isPending) return;
    const bad = (written.to ?? []).find((a) => !looksRight(a));
    if (!written.to?.length) return setWrong({ to: t('composer.nobody') });
    if (bad) return setWrong({ to: t('composer.badAddress', { list: bad.email }) });
    if (isBlank({ ...written, subject: '' }, plainOf(signature))) return setWrong({ rest: t('write.empty') });
    if (letter.current?.busy()) return setWrong({ rest: t('composer.filesComing') });
    setWrong({});
    sending.mutate();
  };
  const discard = async () => {
    await keeper.discard(place);
    await navigate({ to: '/' });
  };
  const [copies, setCopies] = useState(false);
  const cc = copies || !!written.cc?.length || !!written.bcc?.length;
  return (
    <form className={s.form} onSubmit={send} noValidate aria-label={t('write.title')}>
      <DraftClash of={draft} place={place} />
      {senders.length > 1 ? (
        <label className={s.from}>
          {t('write.from')}
          <select value={account?.id} onChange={(e) => draft.change({ account: e.target.value })}>
            {senders.map((a) => (
              <option key={a.id} value={a.id}>
                {a.name ? `${a.name} <${a.address}>` : a.address}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <p className={s.from}>
          {t('write.from')} <b>{account?.address}</b>
        </p>
      )}
      <div className={s.line}>
        <Chips label={t('composer.to')} value={written.to ?? []} set={(to) => draft.change({ to })} known={[]} autoFocus />
        {!cc && (
          <button type="button" onClick={() => setCopies(true)}>
            {t('write.copies')}
          </button>
        )}
      </div>
      {wrong.to && (
        <p className={s.error} role="alert">
          {wrong.to}
        </p>
      )}
      {cc && (
        <div className={s.line}>
          <Chips label={t('composer.cc')} value={written.cc ?? []} set={(l) => draft.change({ cc: l })} known={[]} autoFocus={copies} />
        </div>
      )}
      {cc && (
        <div className={s.line}>
          <Chips label={t('composer.bcc')} value={written.bcc ?? []} set={(l) => draft.change({ bcc: l })} known={[]} />
        </div>
      )}
      <Field label={t('write.subject')} value={written.subject} maxLength={998} onChange={(e) => draft.change({ subject: e.target.value })} />
      <div className={s.sheet}>
        <Letter
          ref={letter}
          written={written}
          change={draft.change}
          initial={signature}
          label={t('write.text')}
          placeholder={t('write.placeholder')}
          inbox={account?.inbox ?? ''}
          send={send}
        />
      </div>
      {wrong.rest && (
        <p className={s.error} role="alert">
          {wrong.rest}
        </p>
      )}
      <div className={s.foot}>
        <Button onClick={() => void discard()}>
          <Icon as={Trash2} size="s" /> {t('write.discard')}
        </Button>
        <DraftState of={draft} />
        <Button kind="primary" type="submit" disabled={sending.isPending}>
          <Icon as={Send} size="s" />
          {t('composer.send')}
          <Kbd>{`${modifier}↵`}</Kbd>
        </Button>
      </div>
    </form>
  );
}
