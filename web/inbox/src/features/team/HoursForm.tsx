import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import type { HoursBody, HoursView } from '~core/wire';
import s from './team.module.css';
import { days, weekday, zones } from './week';

type Week = HoursBody['week'];
type Holidays = NonNullable<HoursBody['holidays']>;

const workdays: Week = [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' }));

export function HoursForm({ hours, close }: { hours?: HoursView; close: () => void }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const [name, setName] = useState(hours?.name ?? '');
  const [zone, setZone] = useState(hours?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [week, setWeek] = useState<Week>(hours?.week ?? workdays);
  const [holidays, setHolidays] = useState<Holidays>(hours?.holidays ?? []);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const edit = (at: number, patch: Partial<Week[number]>) => setWeek(week.map((x, i) => (i === at ? { ...x, ...patch } : x)));
  const editHoliday = (at: number, patch: Partial<Holidays[number]>) => setHolidays(holidays.map((x, i) => (i === at ? { ...x, ...patch } : x)));
  const submit = async () => {
    setBusy(true);
    setWrong('');
    const body = { name: name.trim(), zone, week, holidays };
    try {
      await (hours ? api.putHours(hours.id, body, hours.revision) : api.newHours(body));
      close();
    } catch (err) {
      setWrong(reason(err, t));
      setBusy(false);
    }
  };
  const remove = () =>
    hours &&
    void api
      .removeHours(hours.id)
      .then(close)
      .catch((err: unknown) => toasts.show(`${t('hours.removeFailed')} ${reason(err, t)}`));
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field label={t('people.name')} value={name} maxLength={100} data-first onChange={(e) => setName(e.target.value)} />
      <label className={s.label}>
        {t('hours.zone')}
        <select className={s.select} value={zone} onChange={(e) => setZone(e.target.value)}>
          {zones(zone).map((z) => (
            <option key={z} value={z}>
              {z}
            </option>
          ))}
        </select>
      </label>
      <fieldset className={s.week}>
        <legend>{t('hours.week')}</legend>
        {days.map((day) => {
          const spans = week.map((x, i) => ({ ...x, i })).filter((x) => x.day === day);
          const long = weekday(locale, day, 'long');
          return (
            <div key={day} className={s.day}>
              <span>{long}</span>
              <div>
                {spans.length === 0 && <small>{t('hours.closed')}</small>}
                {spans.map((x) => (
                  <span key={x.i} className={s.span}>
                    <input
                      type="time"
                      value={x.from}
                      aria-label={t('hours.from', { day: long })}
                      onChange={(e) => edit(x.i, { from: e.target.value })}
                    />
                    –
                    <input
                      type="time"
                      value={x.to === '24:00' ? '23:59' : x.to}
                      aria-label={t('hours.to', { day: long })}
                      onChange={(e) => edit(x.i, { to: e.target.value })}
                    />
                    <IconButton label={t('hours.drop', { day: long })} small onClick={() => setWeek(week.filter((_, i) => i !== x.i))}>
                      <Icon as={X} size="xs" />
                    </IconButton>
                  </span>
                ))}
              </div>
              <IconButton label={t('hours.add', { day: long })} small onClick={() => setWeek([...week, { day, from: '09:00', to: '17:00' }])}>
                <Icon as={Plus} size="xs" />
              </IconButton>
            </div>
          );
        })}
      </fieldset>
      <fieldset className={s.week}>
        <legend>{t('hours.holidaysTitle')}</legend>
        {holidays.map((h, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a holiday has no name of its own while it is typed
          <span key={i} className={s.span}>
            <input type="date" value={h.date} aria-label={t('hours.date')} onChange={(e) => editHoliday(i, { date: e.target.value })} />
            <input
              value={h.name ?? ''}
              maxLength={100}
              placeholder={t('hours.what')}
              aria-label={t('hours.what')}
              onChange={(e) => editHoliday(i, { name: e.target.value })}
            />
            <label className={s.yearly}>
              <input type="checkbox" checked={!!h.yearly} onChange={(e) => editHoliday(i, { yearly: e.target.checked })} />
              {t('hours.yearly')}
            </label>
            <IconButton label={t('hours.dropHoliday')} small onClick={() => setHolidays(holidays.filter((_, n) => n !== i))}>
              <Icon as={X} size="xs" />
            </IconButton>
          </span>
        ))}
        <Button onClick={() => setHolidays([...holidays, { date: '', name: '' }])}>
          <Icon as={Plus} size="s" />
          {t('hours.addHoliday')}
        </Button>
      </fieldset>
      {wrong && (
        <p role="alert" className={s.wrong}>
          {wrong}
        </p>
      )}
      <div className={s.buttons}>
        {hours && (
          <Button kind="quiet" className={s.remove} onClick={remove}>
            {t('hours.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || !name.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
