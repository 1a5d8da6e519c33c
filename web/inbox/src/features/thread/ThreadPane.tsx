/** One conversation: who and what, its log, the composer, and beside it what is known of the contact. */
import { useQuery } from '@tanstack/react-query';
import { MailX } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { threadQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { Composer, type ComposerHandle } from '~/features/composer/Composer';
import { UndoBar } from '~/features/composer/UndoBar';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Failure } from '~/ui/Empty';
import { LogSkeleton } from '~/ui/Skeleton';
import { ApiError } from '~core/api';
import { useThreadActions } from './actions';
import { contactName } from './contact';
import { Details } from './Details';
import { FolderBanner } from './FolderBanner';
import { Log } from './Log';
import { PresenceBar } from './PresenceBar';
import { ThreadHeader } from './ThreadHeader';
import s from './ThreadPane.module.css';

interface Props {
  id: string;
  /** goes on to the next thread */
  leave: (id: string) => void;
  back: () => void;
}

export function ThreadPane({ id, leave, back }: Props) {
  const { t } = useT();
  const { api, live } = useServices();
  const query = useQuery(threadQuery(api, id));
  const composer = useRef<ComposerHandle>(null);
  const pane = useRef<HTMLElement>(null);
  const [assigning, setAssigning] = useState(false);
  const [details, setDetails] = useState(false);
  const actions = useThreadActions(id, leave);
  const there = !!query.data;
  const view = query.data;

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
  useShortcuts({
    r: () => composer.current?.focus('reply'),
    R: () => composer.current?.replyAll(),
    f: () => forwardLast(),
    n: () => composer.current?.focus('note'),
    a: () => setAssigning(true),
    i: () => view && actions.assignToMe(view.thread),
    e: () => view && actions.toggleStatus(view.thread),
    '!': () => view && actions.file(view.thread, view.thread.folder === 'spam' ? '' : 'spam'),
    m: () => view?.thread.folder && actions.file(view.thread, ''),
  });

  const forward = (seq: number) => composer.current?.forward(seq);
  const forwardLast = () => {
    const seq = view?.entries.findLast((e) => e.received || e.sent)?.seq;
    if (seq) forward(seq);
  };

  if (!view) {
    const gone = query.error instanceof ApiError && query.error.code === 'notfound';
    return (
      <section className={s.thread} aria-label={t('thread.label')}>
        {query.isError ? (
          <Failure title={t(gone ? 'thread.gone' : 'thread.failed')} error={query.error} retry={gone ? back : () => void query.refetch()} />
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
          actions={actions}
          back={back}
          assigning={assigning}
          setAssigning={setAssigning}
          openDetails={() => setDetails(true)}
        />
        <PresenceBar thread={id} />
        {view.thread.folder && <FolderBanner head={view.thread} actions={actions} />}
        {!!view.thread.undelivered && (
          <Banner icon={MailX} tone="bad" action={<Button onClick={actions.seen}>{t('undelivered.seen')}</Button>}>
            {t('undelivered.banner')}
          </Banner>
        )}
        <Log view={view} editAgain={(item) => composer.current?.restore(item)} forward={forward} />
        <UndoBar />
        <Composer ref={composer} view={view} sent={() => pane.current?.querySelector<HTMLElement>('[role=log]')?.focus()} />
      </section>
      <aside className={s.side} aria-label={t('details.label')}>
        <Details view={view} />
      </aside>
      <Dialog open={details} onClose={() => setDetails(false)} title={t('details.label')} side="right">
        <Details view={view} />
      </Dialog>
    </>
  );
}
