/** What can be done to the conversations that are picked; it stands in the place of the list's head. */
import { Check, Clock, RotateCcw, UserRound, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { AssignMenu } from '~/features/work/AssignMenu';
import { changeMany } from '~/features/work/bulk';
import { type More, MoreMenu } from '~/features/work/MoreMenu';
import { SnoozeMenu } from '~/features/work/SnoozeMenu';
import { IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { type BulkChange, partsOf, type Row, type TagRef, type View } from '~core/wire';
import s from './ThreadList.module.css';

const TagDialog = lazy(async () => ({ default: (await import('~/features/work/TagDialog')).TagDialog }));

interface Props {
  inbox: string;
  view: View;
  rows: Row[];
  picked: ReadonlySet<string>;
  pick: (ids: Iterable<string>) => void;
}

export function BulkBar({ inbox, view, rows, picked, pick }: Props) {
  const { t } = useT();
  const { api, live, toasts } = useServices();
  const [busy, setBusy] = useState(false);
  const [tagging, setTagging] = useState(false);
  const { kind } = partsOf(view);
  const folder = kind === 'filtered' || kind === 'spam' || kind === 'trash' ? kind : '';
  const chosen = rows.filter((r) => picked.has(r.thread.id));
  const allClosed = chosen.every((r) => r.thread.status === 'closed');
  const run = async (change: BulkChange) => {
    if (busy) return;
    setBusy(true);
    const ids = [...picked];
    try {
      const results = await changeMany(api, ids, change);
      for (const r of results) {
        if (r.head) live.bulk(r.head);
        if (r.head && change.read !== undefined) live.readUpTo(r.thread, change.read ? r.head.seq : 0);
      }
      const failed = results.filter((r) => r.code);
      pick(failed.map((r) => r.thread)); // what failed stays picked, to be tried again
      toasts.show(
        failed.length > 0
          ? t('bulk.failed', { count: failed.length, all: ids.length, reason: failed[0]?.detail ?? '' })
          : t('bulk.done', { count: ids.length }),
      );
    } catch (err) {
      toasts.show(`${t('bulk.nothing')} ${reason(err, t)}`);
    }
    setBusy(false);
  };
  const more = (what: More) => {
    if (what.do === 'tags') setTagging(true);
    else if (what.do === 'priority') void run({ priority: what.priority });
    else if (what.do === 'move') void run({ inbox: what.inbox });
    else if (what.do === 'file') void run({ folder: what.folder });
    else void run({ read: what.read });
  };
  const close = () => void run({ status: allClosed ? 'open' : 'closed' });
  const every = picked.size === rows.length;
  return (
    <header className={`${s.head} ${s.bulk}`}>
      <label className={s.all}>
        <input
          type="checkbox"
          checked={every}
          ref={(el) => {
            if (el) el.indeterminate = !every;
          }}
          onChange={() => pick(every ? [] : rows.map((r) => r.thread.id))}
          aria-label={t(every ? 'bulk.none' : 'bulk.all')}
        />
      </label>
      <h2>
        <span role="status">{t('bulk.picked', { count: picked.size })}</span>
      </h2>
      <div className={s.does} aria-busy={busy}>
        <AssignMenu
          onAgent={(id) => void run({ agent: id })}
          onTeam={(id) => void run({ team: id })}
          trigger={
            <IconButton label={t('assign.label')}>
              <Icon as={UserRound} />
            </IconButton>
          }
        />
        {!folder && !allClosed && (
          <SnoozeMenu
            snoozed={kind === 'snoozed'}
            onSnooze={(until) => void run({ snooze: until ? { until } : {} })}
            onWake={() => void run({ wake: true })}
            trigger={
              <IconButton label={t('snooze.title')}>
                <Icon as={Clock} />
              </IconButton>
            }
          />
        )}
        <IconButton label={t(allClosed ? 'thread.reopen' : 'thread.close')} onClick={close} disabled={busy}>
          <Icon as={allClosed ? RotateCcw : Check} />
        </IconButton>
        <MoreMenu inbox={inbox} folder={folder} onPick={more} />
        <IconButton label={t('bulk.none')} onClick={() => pick([])}>
          <Icon as={X} />
        </IconButton>
      </div>
      {tagging && (
        <Suspense>
          <TagDialog open close={() => setTagging(false)} {...tagsOf(chosen)} change={(add, remove) => void run({ tags: { add, remove } })} />
        </Suspense>
      )}
    </header>
  );
}

/** Tags that all of the rows have, and that some have. */
function tagsOf(rows: Row[]): { all: TagRef[]; some: TagRef[] } {
  const count = new Map<string, { tag: TagRef; n: number }>();
  for (const r of rows) for (const tag of r.thread.tags ?? []) count.set(tag.id, { tag, n: (count.get(tag.id)?.n ?? 0) + 1 });
  const each = [...count.values()];
  return { all: each.filter((x) => x.n === rows.length).map((x) => x.tag), some: each.filter((x) => x.n < rows.length).map((x) => x.tag) };
}
