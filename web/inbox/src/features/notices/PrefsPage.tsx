/** What I want to be told, where, and when not. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys, prefsQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { RowsSkeleton } from '~/ui/Skeleton';
import { Switch } from '~/ui/Switch';
import type { Prefs } from '~core/wire';
import { Devices } from './Devices';
import s from './NoticesPage.module.css';
import { beep } from './sound';
import { kinds } from './words';

const ways = ['app', 'browser', 'push', 'email'] as const;
const nowhere = { app: false, browser: false, push: false, email: false };

export default function PrefsPage() {
  const { t } = useT();
  const { api } = useServices();
  const prefs = useQuery(prefsQuery(api));
  return (
    <Page title={t('prefs.title')} lead={t('prefs.lead')}>
      {prefs.isPending ? (
        <RowsSkeleton label={t('prefs.loading')} />
      ) : prefs.isError ? (
        <Failure title={t('prefs.failed')} error={prefs.error} retry={() => void prefs.refetch()} />
      ) : (
        <Scroll label={t('prefs.title')}>
          <Form prefs={prefs.data} />
        </Scroll>
      )}
    </Page>
  );
}

/** Each change is kept at once. */
function Form({ prefs: p }: { prefs: Prefs }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const [allowed, setAllowed] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  const key = prefsQuery(api).queryKey;
  const changes = useRef(0);
  const set = async (patch: (p: Prefs) => Partial<Prefs>) => {
    const now = client.getQueryData<Prefs>(key) ?? p; // a quick hand is faster than the page
    const next = { ...now, ...patch(now) };
    client.setQueryData(key, next);
    const change = ++changes.current;
    try {
      const kept = await api.setPrefs(next);
      if (change === changes.current) client.setQueryData(key, kept);
    } catch (err) {
      toasts.show(`${t('prefs.saveFailed')} ${reason(err, t)}`);
      void client.invalidateQueries({ queryKey: keys.prefs });
    }
  };
  const tick = (k: string, w: (typeof ways)[number], on: boolean) =>
    void set(({ kinds }) => ({ kinds: { ...kinds, [k]: { ...nowhere, ...kinds[k], [w]: on } } }));
  const quiet = (patch: Partial<Prefs['quiet']>) =>
    void set(({ quiet }) => ({ quiet: { ...quiet, zone: Intl.DateTimeFormat().resolvedOptions().timeZone || quiet.zone, ...patch } }));
  // Whoever names a device wants to be told something on it.
  const began = () =>
    void set(({ kinds }) =>
      Object.values(kinds).some((w) => w.push)
        ? { kinds }
        : { kinds: Object.fromEntries(Object.entries(kinds).map(([k, w]) => [k, { ...w, push: w.browser }])) },
    );
  const day = (n: number) => new Intl.DateTimeFormat(locale, { weekday: 'short' }).format(new Date(Date.UTC(2024, 0, n, 12))); // 1 January 2024 was a Monday
  return (
    <div className={s.form}>
      <section className={s.group} aria-labelledby="prefs-what">
        <h2 id="prefs-what">{t('prefs.what')}</h2>
        <div className={s.card}>
          <table className={s.matrix}>
            <thead>
              <tr>
                <th scope="col">{t('prefs.event')}</th>
                {ways.map((w) => (
                  <th key={w} scope="col">
                    {t(`prefs.way.${w}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {kinds.map((k) => (
                <tr key={k}>
                  <th scope="row">{t(`prefs.kind.${k}`)}</th>
                  {ways.map((w) => (
                    <td key={w}>
                      <label>
                        <input
                          type="checkbox"
                          aria-label={`${t(`prefs.kind.${k}`)}: ${t(`prefs.way.${w}`)}`}
                          checked={p.kinds[k]?.[w] ?? false}
                          onChange={(e) => tick(k, w, e.target.checked)}
                        />
                      </label>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section className={s.group} aria-labelledby="prefs-browser">
        <h2 id="prefs-browser">{t('prefs.browser')}</h2>
        <div className={s.card}>
          <div className={s.row2}>
            <span>{t(`prefs.permission.${allowed}`)}</span>
            {allowed === 'default' && <Button onClick={() => void Notification.requestPermission().then(setAllowed)}>{t('prefs.allow')}</Button>}
          </div>
          <Switch
            label={t('prefs.sound')}
            hint={t('prefs.soundHint')}
            on={p.sound}
            set={(sound) => {
              if (sound) beep();
              void set(() => ({ sound }));
            }}
          />
          <Switch label={t('prefs.text')} hint={t('prefs.textHint')} on={p.text} set={(text) => void set(() => ({ text }))} />
        </div>
      </section>
      <Devices allowed={allowed} setAllowed={setAllowed} began={began} />
      <section className={s.group} aria-labelledby="prefs-quiet">
        <h2 id="prefs-quiet">{t('prefs.quiet')}</h2>
        <div className={s.card}>
          <Switch label={t('prefs.quietOn')} hint={t('prefs.quietHint')} on={p.quiet.on} set={(on) => quiet({ on })} />
          {p.quiet.on && (
            <>
              <div className={s.row2}>
                <label>
                  {t('prefs.from')} <input type="time" value={p.quiet.from} onChange={(e) => e.target.value && quiet({ from: e.target.value })} />
                </label>
                <label>
                  {t('prefs.until')} <input type="time" value={p.quiet.until} onChange={(e) => e.target.value && quiet({ until: e.target.value })} />
                </label>
                <span>{p.quiet.zone}</span>
              </div>
              <fieldset className={s.row2} aria-label={t('prefs.days')}>
                {[1, 2, 3, 4, 5, 6, 7].map((n) => (
                  <label key={n}>
                    <input
                      type="checkbox"
                      checked={p.quiet.days.includes(n)}
                      onChange={(e) => quiet({ days: e.target.checked ? [...p.quiet.days, n].sort() : p.quiet.days.filter((d) => d !== n) })}
                    />
                    {day(n)}
                  </label>
                ))}
              </fieldset>
            </>
          )}
        </div>
      </section>
    </div>
  );
}
