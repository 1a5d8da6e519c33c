/** How a conversation is given to people. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '~/app/locale';
import { teamsQuery, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import type { BotStep, HandoffStep } from '~core/wire';
import { type FormProps, Goto, Select, Words } from './parts';

export function HandoffForm({ value, set }: FormProps<HandoffStep>) {
  const { t } = useT();
  const { api } = useServices();
  const teams = useQuery(teamsQuery(api)).data ?? [];
  const users = (useQuery(usersQuery(api)).data ?? []).filter((u) => !u.disabled && u.role !== 'viewer');
  const who = value.to === 'team' ? teams : users;
  return (
    <>
      <Select
        label={t('bots.handTo')}
        value={value.to}
        options={(['routing', 'team', 'user'] as const).map((k) => ({ value: k, label: t(`bots.to.${k}`) }))}
        set={(to) => set({ ...value, to: to as HandoffStep['to'], id: undefined })}
      />
      {value.to !== 'routing' && (
        <Select
          label={t('bots.who')}
          value={value.id ?? ''}
          options={[{ value: '', label: t('bots.choose') }, ...who.map((x) => ({ value: x.id, label: x.name }))]}
          hint={value.to === 'team' ? t('bots.teamHint') : undefined}
          set={(id) => set({ ...value, id: id || undefined })}
        />
      )}
      <Words label={t('bots.handText')} hint={t('bots.handHint')} value={value.text} max={1000} set={(text) => set({ ...value, text }, 'text')} />
      <Words
        label={t('bots.awayText')}
        hint={t('bots.awayHint')}
        rows={2}
        value={value.away ?? ''}
        max={1000}
        set={(away) => set({ ...value, away: away || undefined }, 'away')}
      />
      <Goto
        label={t('bots.exit.away')}
        value={value.awayNext ?? ''}
        none={t('bots.handOverAnyway')}
        set={(to) => set({ ...value, awayNext: to || undefined })}
      />
    </>
  );
}

/** A ticket of the conversation. */
export function TicketForm({ value, set }: FormProps<NonNullable<BotStep['ticket']>>) {
  const { t } = useT();
  return (
    <Words
      label={t('bots.ticketSubject')}
      hint={t('bots.ticketHint', { token: '{{answer.ticket}}' })}
      value={value.subject ?? ''}
      max={200}
      rows={1}
      set={(subject) => set({ ...value, subject: subject || undefined }, 'subject')}
    />
  );
}
