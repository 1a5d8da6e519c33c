/** The browsers that I am told on while no page is open: this one, and the others. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { devicesQuery, keys } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Switch } from '~/ui/Switch';
import type { Device } from '~core/wire';
import { myDevice } from './device';
import s from './NoticesPage.module.css';
import { subscribe, supported, unsubscribe } from './push';

interface Props {
  /** what the browser says of notifications */
  allowed: NotificationPermission;
  setAllowed: (p: NotificationPermission) => void;
  /** this browser is told from now on */
  began: () => void;
}

export function Devices({ allowed, setAllowed, began }: Props) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const me = useMe().id;
  const client = useQueryClient();
  const devices = useQuery(devicesQuery(api));
  const [busy, setBusy] = useState(false);
  const mine = myDevice()?.id;
  const list = devices.data?.devices ?? [];
  const here = allowed === 'granted' && list.some((d) => d.id === mine);
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    try {
      await what();
    } catch (err) {
      toasts.show(`${t('prefs.push.failed')} ${err instanceof DOMException ? err.message : reason(err, t)}`);
    }
    await client.invalidateQueries({ queryKey: keys.devices });
    setBusy(false);
  };
  const set = (on: boolean) =>
    run(async () => {
      if (!on) return unsubscribe(api);
      const permission = await Notification.requestPermission();
      setAllowed(permission);
      if (permission !== 'granted') return;
      await subscribe(api, me);
      began();
    });
  const remove = (d: Device) => run(() => (d.id === mine ? unsubscribe(api) : api.deleteDevice(d.id)));
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  return (
    <section className={s.group} aria-labelledby="prefs-push">
      <h2 id="prefs-push">{t('prefs.push')}</h2>
      <div className={s.card}>
        {supported() ? (
          <Switch
            label={t('prefs.push.here')}
            hint={allowed === 'denied' ? t('prefs.permission.denied') : t('prefs.push.hint')}
            on={here}
            set={(on) => void set(on)}
            fixed={busy || !devices.data || allowed === 'denied'}
          />
        ) : (
          <p className={s.row2}>{t('prefs.push.unsupported')}</p>
        )}
        {devices.isError && <p className={s.row2}>{t('prefs.push.listFailed')}</p>}
        {list.length > 0 && (
          <ul className={s.devices} aria-label={t('prefs.push.devices')}>
            {list.map((d) => (
              <li key={d.id} className={s.row2}>
                <span>
                  {d.name}
                  {d.id === mine && <> ({t('prefs.push.this')})</>}
                  <small>{t('prefs.push.since', { date: date.format(new Date(d.at)) })}</small>
                </span>
                <Button disabled={busy} aria-label={t('prefs.push.removeNamed', { name: d.name })} onClick={() => void remove(d)}>
                  {t('prefs.push.remove')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
