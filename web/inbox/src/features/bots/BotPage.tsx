/** The builder of one bot: its steps on a canvas or in a list, and beside them the form of a step, the check, a test drive, the versions. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page } from '~/app/Page';
import { NotFound } from '~/app/places';
import { chatsQuery } from '~/app/queries';
import { botRoute } from '~/app/router';
import { useServices } from '~/app/services';
import { Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { BotView, ChatView, Flow } from '~core/wire';
import s from './BotPage.module.css';
import { BuilderContext, useNewBuilder } from './builder';
import { botQuery, numbersQuery } from './queries';
import { Actions, Toolbar } from './Toolbar';
import { Workbench } from './Workbench';

export function BotPage() {
  const { t } = useT();
  const { api } = useServices();
  const { account, flow: id } = botRoute.useParams();
  const chats = useQuery(chatsQuery(api));
  const bot = useQuery(botQuery(api, { account, id }));
  const chat = chats.data?.find((c) => c.account.id === account);
  const flow = chat?.flows.find((f) => f.id === id);
  if (chats.isPending || bot.isPending) {
    return (
      <Page title={t('bots.title')}>
        <RowsSkeleton label={t('bots.loading')} />
      </Page>
    );
  }
  const failed = chats.error ?? bot.error;
  if (failed) {
    return (
      <Page title={t('bots.title')}>
        <Failure title={t('bots.failed')} error={failed} retry={() => void Promise.all([chats.refetch(), bot.refetch()])} />
      </Page>
    );
  }
  if (!chat || !flow?.bot || !bot.data) return <NotFound />;
  return <Open key={id} chat={chat} flow={flow} view={bot.data} />;
}

function Open({ chat, flow, view }: { chat: ChatView; flow: Flow; view: BotView }) {
  const { t } = useT();
  const { api } = useServices();
  const [first] = useState(view); // what is edited is not overwritten by what is asked for again
  const numbers = useQuery(numbersQuery(api, flow, 30));
  const builder = useNewBuilder(chat, flow, first, numbers.data);
  return (
    <BuilderContext value={builder}>
      <Page title={flow.name} actions={<Actions view={view} />}>
        <nav className={s.crumb} aria-label={t('bots.back')}>
          <Link to="/settings/$section/{-$item}" params={{ section: 'chat', item: chat.account.id }}>
            <Icon as={ChevronLeft} size="s" />
            {t('bots.chat', { name: chat.account.name })}
          </Link>
          <Toolbar />
        </nav>
        <Workbench view={view} />
      </Page>
    </BuilderContext>
  );
}
