/** Every address that mail comes in at: whether it still works, and what is still wrong. One of them, or a new one, by the URL. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Mail, Plus } from 'lucide-react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { channelsQuery, inboxesQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import type { SectionProps } from '~/features/settings/sections';
import { Button } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import { Tag } from '~/ui/Tag';
import { dayLabel } from '~core/time';
import type { ChannelView } from '~core/wire';
import { Channel } from './Channel';
import s from './Channels.module.css';
import { Connect } from './Connect';
import { Copy } from './Copy';
import { marks, sentence } from './words';

export default function ChannelsPage({ item }: SectionProps) {
  const { t } = useT();
  const { api } = useServices();
  const navigate = useNavigate();
  const may = useMe().role === 'admin';
  const list = useQuery(channelsQuery(api));
  const inboxes = useQuery(inboxesQuery(api)).data ?? [];
  const to = (x: string | undefined) => void navigate({ to: '/settings/$section/{-$item}', params: { section: 'channels', item: x } });
  const all = list.data?.channels ?? [];
  const one = all.find((c) => c.account.id === item);
  if (item === 'connect' && may) return <Connect mailDomain={list.data?.mailDomain ?? ''} back={() => to(undefined)} done={to} />;
  if (item && list.data) {
    if (one) return <Channel key={one.account.id} channel={one} may={may} back={() => to(undefined)} />;
  }
  const live = all.filter((c) => c.account.state !== 'disconnected');
  const gone = all.filter((c) => c.account.state === 'disconnected');
  const inboxOf = (c: ChannelView) => inboxes.find((i) => i.id === c.account.inbox)?.name ?? '';
  return (
    <Page
      title={t('channels.title')}
      lead={t('channels.lead')}
      actions={
        may && (
          <Button kind="primary" onClick={() => to('connect')}>
            <Icon as={Plus} size="s" /> {t('channels.connect')}
          </Button>
        )
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('channels.loading')} />
      ) : list.isError ? (
        <Failure title={t('channels.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : item ? (
        <Empty icon={Mail} title={t('channels.gone')} text={t('channels.goneText')} />
      ) : (
        <Scroll label={t('channels.title')}>
          <Rows list={live} inboxOf={inboxOf} />
          <Fallbacks list={live.filter((c) => c.account.fallback)} inboxOf={inboxOf} />
          {gone.length > 0 && (
            <details className={s.gone}>
              <summary>{t('channels.disconnected', { count: gone.length })}</summary>
              <Rows list={gone} inboxOf={inboxOf} />
            </details>
          )}
        </Scroll>
      )}
    </Page>
  );
}

const ways = { hosted: 'channels.way.hosted', forward: 'channels.way.forward', mx: 'channels.way.mx' } as const;

function Rows({ list, inboxOf }: { list: ChannelView[]; inboxOf: (c: ChannelView) => string }) {
  const { t, locale } = useT();
  const day = (at: string | undefined) => (at ? dayLabel(locale, at, Date.now()) : t('channels.never'));
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('channels.account')}</th>
          <th scope="col">{t('channels.inbox')}</th>
          <th scope="col">{t('channels.health')}</th>
          <th scope="col">{t('channels.received')}</th>
          <th scope="col">{t('channels.sent')}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((c) => (
          <tr key={c.account.id}>
            <th scope="row">
              <Link to="/settings/$section/{-$item}" params={{ section: 'channels', item: c.account.id }} className={s.name}>
                {c.account.address}
              </Link>
              <small>
                {c.account.name} · {t(ways[c.account.way ?? 'hosted'])}
              </small>
            </th>
            <td data-label={t('channels.inbox')}>{inboxOf(c)}</td>
            <td>
              <Tag tone={marks[c.health.state].tone}>
                <Icon as={marks[c.health.state].icon} size="xs" /> {t(marks[c.health.state].word)}
              </Tag>
              {c.health.code !== 'is-healthy' && <small className={s.why}>{sentence(c.health, t)}</small>}
            </td>
            <td data-label={t('channels.received')}>{day(c.receivedAt)}</td>
            <td data-label={t('channels.sent')}>{day(c.sentAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The address each inbox has from birth. */
function Fallbacks({ list, inboxOf }: { list: ChannelView[]; inboxOf: (c: ChannelView) => string }) {
  const { t } = useT();
  if (list.length === 0) return null;
  return (
    <section className={s.fallback} aria-labelledby="fallback">
      <h2 id="fallback">{t('channels.fallback')}</h2>
      <p>{t('channels.fallbackText')}</p>
      <ul>
        {list.map((c) => (
          <li key={c.account.id}>
            <span>{inboxOf(c)}</span>
            <Copy text={c.account.address} of={c.account.address} />
          </li>
        ))}
      </ul>
    </section>
  );
}
