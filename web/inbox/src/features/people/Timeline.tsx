/** Conversations, notes and changes of a contact in time order, the newest first. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileCheck, GitMerge, type LucideIcon, Mail, MessageCircle, Pencil, StickyNote, Undo2, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { type Key, Text, useT } from '~/app/locale';
import { contactListsQuery, keys, propertiesQuery, timelineQuery, usersQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import { full } from '~core/time';
import type { PersonLine, Summary } from '~core/wire';
import s from './ContactPage.module.css';
import { viewOfThread } from './Threads';

const icons: Record<PersonLine['kind'], LucideIcon> = {
  note: StickyNote,
  created: UserPlus,
  changed: Pencil,
  merged: GitMerge,
  unmerged: Undo2,
  consent: FileCheck,
};
const made: Record<string, Key> = {
  mail: 'people.made.mail',
  hand: 'people.made.hand',
  visitor: 'people.made.visitor',
  import: 'people.made.import',
  signed: 'people.made.signed',
};

export function Timeline({ id, may }: { id: string; may: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const list = useInfiniteQuery(timelineQuery(api, id));
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline" className={s.sub}>
        {t('people.timeline')}
      </h2>
      {may && <Write id={id} />}
      {list.isPending ? (
        <RowsSkeleton label={t('people.timelineLoading')} />
      ) : list.isError && items.length === 0 ? (
        <Failure title={t('people.timelineFailed')} error={list.error} retry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <p className={s.text}>{t('people.timelineNone')}</p>
      ) : (
        <ol className={s.line}>
          {items.map((i) =>
            i.thread ? <Thread key={i.id} head={i.thread} at={i.at} /> : i.line ? <Line key={i.id} contact={id} line={i.line} may={may} /> : null,
          )}
        </ol>
      )}
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
          {t('people.more')}
        </Button>
      )}
    </section>
  );
}

function Thread({ head, at }: { head: Summary; at: string }) {
  const { t, locale } = useT();
  return (
    <li>
      <Icon as={head.channel === 'chat' ? MessageCircle : Mail} size="s" />
      <div>
        <Link to="/inbox/$inbox/$view/{-$thread}" params={{ inbox: head.inbox, view: viewOfThread(head), thread: head.id }}>
          {head.subject || t('thread.noSubject')}
        </Link>
        <small>
          {t(head.status === 'closed' ? 'thread.closed' : 'thread.open')} · {head.preview}
        </small>
      </div>
      <time dateTime={at}>{full(locale, at)}</time>
    </li>
  );
}

function Line({ contact, line, may }: { contact: string; line: PersonLine; may: boolean }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const properties = useQuery(propertiesQuery(api)).data ?? [];
  const users = useQuery(usersQuery(api)).data ?? [];
  const by = line.by.name || (line.by.kind === 'system' ? t('event.parley') : line.by.id) || t('event.parley');
  const what = (on: string): string => {
    const own: Record<string, Key> = { name: 'people.name', address: 'people.email', phone: 'people.phone', company: 'people.company' };
    return own[on] ? t(own[on]) : (properties.find((p) => p.id === on)?.name ?? on);
  };
  const lists = useQuery(contactListsQuery(api)).data ?? [];
  const value = (v: string | undefined) => users.find((u) => u.id === v)?.name ?? v ?? '';
  return (
    <li data-note={line.kind === 'note' || undefined}>
      <Icon as={icons[line.kind]} size="s" />
      <div>
        {line.kind === 'note' && <Note contact={contact} line={line} by={by} may={may} />}
        {line.kind === 'created' && <p>{t(made[line.rule ?? ''] ?? 'people.made.somehow', { by })}</p>}
        {line.changes
          ?.filter((c) => c.on === 'list')
          .map((c) => (
            <p key={`${c.before}${c.after}`}>
              <Text
                k={c.after ? 'lists.lineOn' : 'lists.lineOff'}
                values={{ by, list: lists.find((l) => l.id === (c.after || c.before))?.name ?? t('lists.gone') }}
                bold={['list']}
              />
            </p>
          ))}
        {line.kind === 'changed' &&
          line.changes
            ?.filter((c) => c.on !== 'list')
            .map((c) => (
              <p key={c.on}>
                <Text
                  k={c.before && c.after ? 'people.changed' : c.after ? 'people.set' : 'people.unset'}
                  values={{ by, what: what(c.on), before: value(c.before), after: value(c.after) }}
                  bold={['what', 'after']}
                />
              </p>
            ))}
        {line.kind === 'merged' && t('people.lineMerged', { by, name: line.name ?? '' })}
        {line.kind === 'unmerged' && t('people.lineUnmerged', { by, name: line.name ?? '' })}
        {line.consent && (
          <>
            <p>
              <Text k={line.consent.given ? 'people.consent' : 'people.consentOff'} values={{ purpose: line.consent.purpose }} bold={['purpose']} />
            </p>
            <blockquote className={s.words}>{line.consent.text}</blockquote>
            {line.consent.url && <small>{line.consent.url}</small>}
          </>
        )}
      </div>
      <time dateTime={line.at}>{full(locale, line.at)}</time>
    </li>
  );
}

function Note({ contact, line, by, may }: { contact: string; line: PersonLine; by: string; may: boolean }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const me = useMe();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const mine = may && (line.by.id === me.id || me.role === 'admin');
  const refresh = () => client.invalidateQueries({ queryKey: [...keys.contact(contact), 'timeline'] });
  const remove = () =>
    api
      .removeNote(contact, line.id)
      .then(refresh)
      .catch((err: unknown) => toasts.show(`${t('people.noteFailed')} ${reason(err, t)}`));
  if (editing) {
    return (
      <NoteForm
        text={line.text ?? ''}
        save={async (text) => {
          await api.editNote(contact, line.id, text);
          await refresh();
          setEditing(false);
        }}
        cancel={() => setEditing(false)}
      />
    );
  }
  return (
    <>
      <p className={s.note}>{line.text}</p>
      <small>
        {by}
        {line.edited && !line.edited.startsWith('0001-') && ` · ${t('people.edited')}`}
        {mine && (
          <>
            {' · '}
            <button type="button" onClick={() => setEditing(true)}>
              {t('people.editNote')}
            </button>
            {' · '}
            <button type="button" onClick={() => void remove()}>
              {t('people.removeNote')}
            </button>
          </>
        )}
      </small>
    </>
  );
}

function Write({ id }: { id: string }) {
  const { api } = useServices();
  const client = useQueryClient();
  return (
    <NoteForm
      text=""
      save={async (text) => {
        await api.addNote(id, text);
        await client.invalidateQueries({ queryKey: [...keys.contact(id), 'timeline'] });
      }}
    />
  );
}

function NoteForm({ text, save, cancel }: { text: string; save: (text: string) => Promise<void>; cancel?: () => void }) {
  const { t } = useT();
  const [draft, setDraft] = useState(text);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    if (!draft.trim() || busy) return;
    setBusy(true);
    setWrong('');
    try {
      await save(draft.trim());
      if (!cancel) setDraft('');
    } catch (err) {
      setWrong(reason(err, t));
    }
    setBusy(false);
  };
  return (
    <form
      className={s.write}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <textarea
        value={draft}
        onChange={(e) => setDraft(e.target.value)}
        onKeyDown={(e) => (e.ctrlKey || e.metaKey) && e.key === 'Enter' && void submit()}
        placeholder={t('people.writeNote')}
        aria-label={t('people.writeNote')}
        maxLength={10_000}
        rows={2}
      />
      {wrong && (
        <p role="alert" className={s.wrong}>
          {wrong}
        </p>
      )}
      {(draft.trim() || cancel) && (
        <div className={s.buttons}>
          {cancel && <Button onClick={cancel}>{t('action.cancel')}</Button>}
          <Button kind="primary" type="submit" disabled={busy || !draft.trim()}>
            {t('people.saveNote')}
          </Button>
        </div>
      )}
    </form>
  );
}
