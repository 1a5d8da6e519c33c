/** Who changed which setting, and what it was before and after. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { type Key, useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { changesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { RowsSkeleton } from '~/ui/Skeleton';
import { full } from '~core/time';
import type { SettingChange } from '~core/wire';
import { differences } from './differences';
import s from './team.module.css';

export default function ChangesPage() {
  const { t } = useT();
  const { api } = useServices();
  const list = useInfiniteQuery(changesQuery(api));
  const changes = list.data?.pages.flatMap((p) => p.changes) ?? [];
  return (
    <Page title={t('changes.title')} lead={t('changes.lead')}>
      {list.isPending ? (
        <RowsSkeleton label={t('changes.loading')} />
      ) : list.isError && changes.length === 0 ? (
        <Failure title={t('changes.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : changes.length === 0 ? (
        <Empty icon={History} title={t('changes.none')} text={t('changes.noneText')} />
      ) : (
        <Scroll label={t('changes.title')}>
          <ol className={s.log}>
            {changes.map((c) => (
              <Row key={c.id} change={c} />
            ))}
          </ol>
          {list.hasNextPage && (
            <p className={s.more}>
              <Button onClick={() => void list.fetchNextPage()} aria-busy={list.isFetchingNextPage}>
                {t('people.more')}
              </Button>
            </p>
          )}
        </Scroll>
      )}
    </Page>
  );
}

const whats: Record<string, Key> = {
  account: 'changes.account',
  article: 'changes.article',
  chat: 'changes.chat',
  chatflow: 'changes.chatflow',
  filters: 'changes.filters',
  hours: 'changes.hours',
  inbox: 'changes.inbox',
  list: 'changes.list',
  property: 'changes.property',
  routing: 'changes.routing',
  snippet: 'changes.snippet',
  suppression: 'changes.suppression',
  tag: 'changes.tag',
  team: 'changes.team',
  user: 'changes.user',
  workspace: 'changes.workspace',
};
const dids: Record<string, Key> = {
  connected: 'changes.connected',
  created: 'changes.created',
  deleted: 'changes.deleted',
  disabled: 'changes.disabled',
  edited: 'changes.edited',
  'handed over': 'changes.handedOver',
  invited: 'changes.invited',
  joined: 'changes.joined',
  'let in': 'changes.letIn',
  lifted: 'changes.lifted',
  ordered: 'changes.ordered',
  paused: 'changes.paused',
  removed: 'changes.removed',
};

/** What the thing is called, or was; its id if it has no name. */
function nameOf(c: SettingChange): string {
  for (const state of [c.after, c.before]) {
    if (!state || typeof state !== 'object') continue;
    const { name, title, email, entry } = state as Record<string, unknown>;
    for (const word of [name, title, email, entry]) if (typeof word === 'string' && word) return word;
  }
  return c.of;
}

function Row({ change: c }: { change: SettingChange }) {
  const { t, locale } = useT();
  const lines = differences(c.before, c.after);
  const what = whats[c.what] ? t(whats[c.what] as Key) : c.what;
  const did = dids[c.did] ? t(dids[c.did] as Key) : c.did;
  return (
    <li>
      <div>
        <b>{c.by.name || c.by.id || t('event.parley')}</b>: {what} <b>{nameOf(c)}</b>, {did}
        {lines.length > 0 && (
          <dl>
            {lines.map((d) => (
              <div key={d.name}>
                <dt>{d.name}</dt>
                <dd>
                  {d.before && <del>{d.before}</del>} {d.after && <ins>{d.after}</ins>}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <time dateTime={c.at}>{full(locale, c.at)}</time>
    </li>
  );
}
