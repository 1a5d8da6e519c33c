/** Live chats: which there are, and one of them with its look, its chatflows, a tester and the tag to install. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, Eye, MessageCircle } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { chatsQuery, inboxesQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useServices } from '~/app/services';
import type { SectionProps } from '~/features/settings/sections';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { ChatView } from '~core/wire';
import s from './ChatsPage.module.css';
import { Flows } from './Flows';
import { Identity } from './Identity';
import { Install } from './Install';
import { Look } from './Look';
import { NewChat } from './NewChat';
import { Preview } from './Preview';
import { Tester } from './Tester';

export default function ChatsPage({ item }: SectionProps) {
  const { t } = useT();
  const { api } = useServices();
  const chats = useQuery(chatsQuery(api));
  const inboxes = useQuery(inboxesQuery(api));
  const [adding, setAdding] = useState(false);
  const chat = chats.data?.find((c) => c.account.id === item) ?? (item ? undefined : chats.data?.[0]);
  const admin = useMay('admin');
  return (
    <Page
      title={t('chats.title')}
      lead={t('chats.lead')}
      actions={
        <>
          {chat && <Choice chat={chat} all={chats.data ?? []} />}
          {admin && <Button onClick={() => setAdding(true)}>{t('chats.add')}</Button>}
        </>
      }
    >
      {adding && <NewChat inboxes={inboxes.data ?? []} close={() => setAdding(false)} />}
      {chats.isPending ? (
        <RowsSkeleton label={t('chats.loading')} />
      ) : chats.isError ? (
        <Failure title={t('chats.failed')} error={chats.error} retry={() => void chats.refetch()} />
      ) : chat ? (
        <Chat key={chat.account.id} chat={chat} fixed={!admin} />
      ) : (
        <Empty icon={MessageCircle} title={t('chats.none')} text={t('chats.noneText')} />
      )}
    </Page>
  );
}

function Choice({ chat, all }: { chat: ChatView; all: ChatView[] }) {
  const { t } = useT();
  const navigate = useNavigate();
  if (all.length < 2) return null;
  return (
    <Menu
      onSelect={(item) => void navigate({ to: '/settings/$section/{-$item}', params: { section: 'chat', item } })}
      groups={[{ items: all.map((c) => ({ value: c.account.id, label: c.account.name, checked: c === chat })) }]}
      trigger={
        <Button aria-label={t('chats.switch', { name: chat.account.name })}>
          {chat.account.name}
          <Icon as={ChevronDown} size="xs" />
        </Button>
      }
    />
  );
}

function Chat({ chat, fixed }: { chat: ChatView; fixed: boolean }) {
  const { t } = useT();
  const manager = useMay('manager');
  const [draft, setDraft] = useState(chat.widget);
  // Another version came from the server: what is shown is that, unless it is being edited.
  const widget = draft.version === chat.widget.version ? draft : chat.widget;
  return (
    <div className={s.columns}>
      <Scroll label={t('chats.title')}>
        <div className={s.body}>
          {fixed && (
            <Banner icon={Eye} tone="info">
              {t(manager ? 'chats.managers' : 'chats.readOnly')}
            </Banner>
          )}
          <Install chat={chat} />
          {!fixed && <Identity chat={chat} />}
          <Tester chat={chat} />
          <Flows chat={chat} fixed={!manager} />
          <Look chat={chat} widget={widget} set={setDraft} fixed={fixed} />
        </div>
      </Scroll>
      <Preview widget={widget} flow={chat.flows.find((f) => f.on)} />
    </div>
  );
}
