/** A bot talks with the visitor: who works here may take over. */
import { useMutation } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { Text, useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import type { Summary } from '~core/wire';

/** Hands a conversation back to its bot, or takes it over. */
export function useBot(thread: string) {
  const { api, live, toasts } = useServices();
  const { t } = useT();
  return useMutation({
    mutationFn: (on: boolean) => api.bot(thread, on),
    onSuccess: (c) => live.changed(thread, c),
    onError: (e: Error) => toasts.show(t('bot.failed', { reason: e.message })),
  });
}

export function BotBanner({ head, works }: { head: Summary; works: boolean }) {
  const { t } = useT();
  const { mutate, isPending } = useBot(head.id);
  const bot = head.bot;
  if (!bot) return null;
  return (
    <Banner
      icon={Bot}
      tone="info"
      action={
        works &&
        !bot.done && (
          <Button onClick={() => mutate(false)} aria-busy={isPending}>
            {t('bot.take')}
          </Button>
        )
      }
    >
      <Text k={bot.done ? 'bot.done' : 'bot.talks'} values={{ bot: bot.name || bot.flow }} bold={['bot']} />
    </Banner>
  );
}
