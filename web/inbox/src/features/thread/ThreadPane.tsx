/** One conversation: who and what, its log, the composer, and beside it what is known of the contact. */
import { useQuery } from '@tanstack/react-query';
import { AtSign, Clock, MailX } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { inboxesQuery, threadQuery } from '~/app/queries';
import { useMay, useWorks } from '~/app/rights';
import { useMe, useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { Composer, type ComposerHandle } from '~/features/composer/Composer';
import { UndoBar } from '~/features/composer/UndoBar';
import type { More } from '~/features/work/MoreMenu';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure } from '~/ui/Empty';
import { LogSkeleton } from '~/ui/Skeleton';
import { ApiError } from '~core/api';
import { full, isZero } from '~core/time';
import { useThreadActions } from './actions';
import { BotBanner } from './BotBanner';
import { contactName } from './contact';
import { FolderBanner } from './FolderBanner';
import { Log } from './Log';
import { LookOnly } from './LookOnly';
import { PresenceBar } from './PresenceBar';
import { ThreadHeader, type ThreadMenu } from './ThreadHeader';
import s from './ThreadPane.module.css';

/** What is known of the contact stands beside the conversation, and comes behind it. */
const Details = lazy(async () => ({ default: (await import('./Details')).Details }));
const TagDialog = lazy(async () => ({ default: (await import('~/features/work/TagDialog')).TagDialog }));

interface Props {
  id: string;
  /** goes on to the next thread */
  leave: (id: string) => void;
  back: () => void;
}

export function ThreadPane({ id, leave, back }: Props) {
  const { t, locale } = useT();
  const { api, live } = useServices();
  const me = useMe();
  const inboxes = useQuery(inboxesQuery(api)).data;
  const query = useQuery(threadQuery(api, id));
  const composer = useRef<ComposerHandle>(null);
  const pane = useRef<HTMLElement>(null);
  const [menu, setMenu] = useState<ThreadMenu>('');
  const [tagging, setTagging] = useState(false);
  const [details, setDetails] = useState(false);
  const actions = useThreadActions(id, leave, back);
  const there = !!query.data;
  const view = query.data;
  const works = useWorks(view?.thread.inbox);
  const agent = useMay('agent');

  // Watched once its log is here, so that the watch can name the last entry and nothing falls between.
  useEffect(() => (there ? live.watch(`thread:${id}`) : undefined), [live, id, there]);
  // The visitor of a chat learns that their message was read by somebody who looks at it.
  const last = view?.thread.channel === 'chat' ? view.entries.findLast((e) => e.received)?.seq : undefined;
  useEffect(() => {
    if (!last) return;
    const tell = () => document.visibilityState === 'visible' && live.seen(id, last);
    const soon = setTimeout(tell, 1_000);
    document.addEventListener('visibilitychange', tell);
    return () => {
      clearTimeout(soon);
      document.removeEventListener('visibilitychange', tell);
    };
  }, [live, id, last]);
  const keys = {
    r: () => composer.current?.focus('reply'),
    R: () => composer.current?.replyAll(),
    f: () => forwardLast(),
    n: () => composer.current?.focus('note'),
    a: () => setMenu('assign'),
    s: () => view && view.thread.status !== 'closed' && !view.thread.folder && setMenu('snooze'),
    t: () => setTagging(true),
    U: actions.unread,
    '#': () => view && view.thread.folder !== 'trash' && actions.file(view.thread, 'trash'),
    i: () => view && actions.assignToMe(view.thread),
    e: () => view && actions.toggleStatus(view.thread),
    '!': () => view && actions.file(view.thread, view.thread.folder === 'spam' ? '' : 'spam'),
    m: () => view?.thread.folder && actions.file(view.thread, ''),
  };
  useShortcuts(works ? keys : {});

  const forward = (seq: number) => composer.current?.forward(seq);
  const forwardLast = () => {
    const seq = view?.entries.findLast((e) => e.received || e.sent)?.seq;
    if (seq) forward(seq);
  };

  const more = (what: More) => {
    if (!view) return;
    if (what.do === 'tags') setTagging(true);
    else if (what.do === 'priority') actions.prioritise(view.thread, what.priority);
    else if (what.do === 'file') actions.file(view.thread, what.folder, what.block);
    else if (what.do === 'read') actions.unread();
    else {
      const to = inboxes?.find((i) => i.id === what.inbox);
      if (to) actions.move(view.thread, to);
    }
  };

  if (!view) {
    const gone = query.error instanceof ApiError && query.error.code === 'notfound';
    return (
      <section className={s.thread} aria-label={t('thread.label')}>
        {query.isError ? (
          <Failure
            title={t(gone ? 'thread.gone' : 'thread.failed')}
            error={query.error}
            retry={gone ? undefined : () => void query.refetch()}
            out={{ label: t('thread.back'), run: back }}
          />
        ) : (
          <LogSkeleton label={t('thread.loading')} />
        )}
      </section>
    );
  }
  return (
    <>
      <section ref={pane} className={s.thread} aria-label={t('thread.with', { name: contactName(view.thread, t) })}>
        <ThreadHeader
          head={view.thread}
          works={works}
          actions={actions}
          back={back}
          menu={menu}
          setMenu={setMenu}
          more={more}
          openDetails={() => setDetails(true)}
        />
        <PresenceBar thread={id} />
        {view.thread.bot && view.thread.status === 'open' && <BotBanner head={view.thread} works={works} />}
        {view.thread.folder && <FolderBanner head={view.thread} works={works} actions={actions} />}
        {!!view.thread.undelivered && (
          <Banner icon={MailX} tone="bad" action={works && <Button onClick={actions.seen}>{t('undelivered.seen')}</Button>}>
            {t('undelivered.banner')}
          </Banner>
        )}
        {view.thread.snooze && (
          <Banner icon={Clock} tone="info" action={works && <Button onClick={actions.wake}>{t('snooze.wake')}</Button>}>
            {view.thread.snooze.until && !isZero(view.thread.snooze.until)
              ? t('snooze.banner', { when: full(locale, view.thread.snooze.until) })
              : t('snooze.bannerReply')}
          </Banner>
        )}
        {view.thread.mentions?.includes(me.id) && (
          <Banner icon={AtSign} tone="info" action={agent && <Button onClick={actions.seeMention}>{t('mention.seen')}</Button>}>
            {t('mention.banner')}
          </Banner>
        )}
        <Log view={view} works={works} editAgain={(item) => composer.current?.restore(item)} forward={forward} />
        <UndoBar />
        {works ? <Composer ref={composer} view={view} sent={() => pane.current?.querySelector<HTMLElement>('[role=log]')?.focus()} /> : <LookOnly />}
      </section>
      <aside className={s.side} aria-label={t('details.label')}>
        <Details view={view} tag={works ? () => setTagging(true) : undefined} />
      </aside>
      <Dialog open={details} onClose={() => setDetails(false)} title={t('details.label')} side="right">
        <Details view={view} tag={works ? () => setTagging(true) : undefined} />
      </Dialog>
      {tagging && (
        <Suspense>
          <TagDialog open close={() => setTagging(false)} all={view.thread.tags ?? []} change={actions.tag} />
        </Suspense>
      )}
    </>
  );
}
