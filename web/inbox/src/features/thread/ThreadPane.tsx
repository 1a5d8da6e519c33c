/** One conversation: who and what, its log, the composer, and beside it what is known of the contact. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { threadQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { useShortcuts } from '~/app/shortcuts';
import { Composer, type ComposerHandle } from '~/features/composer/Composer';
import { Dialog } from '~/ui/Dialog';
import { Failure } from '~/ui/Empty';
import { LogSkeleton } from '~/ui/Skeleton';
import { ApiError } from '~core/api';
import { useThreadActions } from './actions';
import { Details } from './Details';
import { Log } from './Log';
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
  useShortcuts({
    r: () => composer.current?.focus('reply'),
    n: () => composer.current?.focus('note'),
    a: () => setAssigning(true),
    i: () => view && actions.assignToMe(view.thread),
    e: () => view && actions.toggleStatus(view.thread),
  });

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
      <section
        ref={pane}
        className={s.thread}
        aria-label={t('thread.with', { name: view.thread.contact.name || view.thread.contact.address || t('thread.someone') })}
      >
        <ThreadHeader
          head={view.thread}
          actions={actions}
          back={back}
          assigning={assigning}
          setAssigning={setAssigning}
          openDetails={() => setDetails(true)}
        />
        <Log view={view} editAgain={(text, kind) => composer.current?.restore(text, kind)} />
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
