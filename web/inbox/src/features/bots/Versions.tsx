/** What was published, by whom and when; an older one can become what visitors meet again. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { keys, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Empty, reason } from '~/ui/Empty';
import { Tag } from '~/ui/Tag';
import type { BotView } from '~core/wire';
import { botApi } from './api';
import s from './BotPage.module.css';
import { useBuilder } from './builder';
import { botKeys } from './queries';

export function Versions({ view }: { view: BotView }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const b = useBuilder();
  const users = useQuery(usersQuery(api));
  const [asked, setAsked] = useState(0);
  const [busy, setBusy] = useState(false);
  if (view.versions.length === 0) return <Empty icon={History} title={t('bots.noVersion')} text={t('bots.noVersionText')} />;
  const back = async (number: number) => {
    setBusy(true);
    try {
      await b.saver.flush();
      const { version } = await botApi(api).rollBack(b.flow, number);
      b.load(await botApi(api).bot(b.flow));
      toasts.show(t('bots.rolledBack', { number, version }));
    } catch (err) {
      toasts.show(`${t('bots.rollBackFailed')} ${reason(err, t)}`);
    } finally {
      setBusy(false);
      setAsked(0);
      await Promise.all([
        client.invalidateQueries({ queryKey: botKeys.bot(b.flow.id), exact: true }),
        client.invalidateQueries({ queryKey: keys.chats }),
      ]);
    }
  };
  const look = async (number: number) => {
    setBusy(true);
    try {
      b.look(await botApi(api).version(b.flow, number));
    } catch (err) {
      toasts.show(`${t('bots.lookFailed')} ${reason(err, t)}`);
    } finally {
      setBusy(false);
    }
  };
  const when = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <ol className={s.versions}>
      {view.versions.map((v) => (
        <li key={v.number}>
          <div>
            <b>{t('bots.version', { number: v.number })}</b> {v.number === view.published && <Tag tone="ok">{t('bots.isLive')}</Tag>}
            <small>
              {users.data?.find((u) => u.id === v.by)?.name ?? t('bots.somebody')}, {when.format(new Date(v.at))}
            </small>
          </div>
          <Button
            className={s.lookAt}
            aria-label={t('bots.lookAtOf', { number: v.number })}
            aria-pressed={b.looking?.number === v.number}
            disabled={busy}
            onClick={() => (b.looking?.number === v.number ? b.look(undefined) : void look(v.number))}
          >
            {t('bots.lookAt')}
          </Button>
          {b.mayEdit && v.number !== view.published && asked !== v.number && (
            <Button aria-label={t('bots.rollBackTo', { number: v.number })} onClick={() => setAsked(v.number)}>
              {t('bots.rollBack')}
            </Button>
          )}
          {asked === v.number && (
            <div className={s.ask}>
              <p>{t('bots.rollBackText', { number: v.number })}</p>
              <Button onClick={() => setAsked(0)}>{t('action.cancel')}</Button>
              <Button kind="primary" disabled={busy} onClick={() => void back(v.number)}>
                {t('bots.rollBackTo', { number: v.number })}
              </Button>
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
