/** What a step would do outside of the conversation, in words. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, Zap } from 'lucide-react';
import { useT } from '~/app/locale';
import { contactListsQuery, tagsQuery, teamsQuery, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Icon } from '~/ui/Icon';
import type { BotEffect } from '~core/wire';
import s from './Drive.module.css';

export function Effect({ effect: e, failed }: { effect: BotEffect; failed?: string }) {
  return (
    <p className={s.effect} data-failed={failed ? true : undefined}>
      <Icon as={failed ? CircleAlert : Zap} size="xs" />
      <span>
        {useEffectText(e)}
        {failed && <b>{failed}</b>}
      </span>
    </p>
  );
}

function useEffectText(e: BotEffect): string {
  const { t } = useT();
  const { api } = useServices();
  const tags = useQuery(tagsQuery(api)).data ?? [];
  const teams = useQuery(teamsQuery(api)).data ?? [];
  const users = useQuery(usersQuery(api)).data ?? [];
  const lists = useQuery(contactListsQuery(api)).data ?? [];
  const called = (ids: string[] | undefined) => (ids ?? []).map((id) => tags.find((x) => x.id === id)?.name ?? id).join(', ');
  switch (e.kind) {
    case 'contact':
    case 'company':
      return t(`bots.does.${e.kind}`, { property: e.property ?? '', value: e.value || '–' });
    case 'priority':
      return t('bots.does.priority', { value: e.value ?? '' });
    case 'consent':
      return t(e.given ? 'bots.does.consent' : 'bots.does.noConsent', { purpose: e.purpose ?? '' });
    case 'webhook':
      return t('bots.does.webhook', { url: e.webhook?.url ?? '' });
    case 'tag':
      return [
        e.add?.length ? t('bots.does.tag', { tags: called(e.add) }) : '',
        e.remove?.length ? t('bots.does.untag', { tags: called(e.remove) }) : '',
      ]
        .filter(Boolean)
        .join(' ');
    case 'list': {
      const id = e.add?.[0] ?? e.remove?.[0] ?? '';
      return t(e.remove?.length ? 'bots.does.takeOff' : 'bots.does.putOn', { list: lists.find((l) => l.id === id)?.name ?? id });
    }
    case 'handoff': {
      if (e.to === 'team') return t('bots.does.handTo', { who: teams.find((x) => x.id === e.who)?.name ?? e.who ?? '' });
      if (e.to === 'user') return t('bots.does.handTo', { who: users.find((x) => x.id === e.who)?.name ?? e.who ?? '' });
      return t('bots.does.handoff');
    }
    default:
      return t(`bots.does.${e.kind}`);
  }
}
