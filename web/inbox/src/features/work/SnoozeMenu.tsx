import { AlarmClock, AlarmClockOff, CalendarClock, MessageCircleReply } from 'lucide-react';
import { type ReactElement, useState } from 'react';
import { useT } from '~/app/locale';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { localInput, snoozeTimes } from './snooze';
import s from './work.module.css';

interface Props {
  snoozed?: boolean;
  /** ISO; undefined is "until they reply" */
  onSnooze: (until?: string) => void;
  onWake: () => void;
  open?: boolean;
  setOpen?: (open: boolean) => void;
  trigger: ReactElement;
  placement?: 'bottom-end' | 'top-start';
}

/** Out of sight until a time, or until they reply. Whoever writes brings it back in any case. */
export function SnoozeMenu({ snoozed, onSnooze, onWake, open, setOpen, trigger, placement }: Props) {
  const { t, locale } = useT();
  const [picking, setPicking] = useState(false);
  const when = (d: Date) => new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(d);
  const times = snoozeTimes(new Date());
  const pick = (v: string) => {
    const time = times.find((x) => x.key === v);
    if (time) onSnooze(time.at.toISOString());
    else if (v === 'wake') onWake();
    else if (v === 'reply') onSnooze();
    else setPicking(true);
  };
  return (
    <>
      <Menu
        open={open}
        onOpenChange={setOpen}
        placement={placement}
        onSelect={pick}
        groups={[
          ...(snoozed ? [{ items: [{ value: 'wake', label: t('snooze.wake'), icon: <Icon as={AlarmClockOff} size="s" /> }] }] : []),
          {
            label: t('snooze.label'),
            items: [
              ...times.map((x) => ({
                value: x.key,
                label: t(`snooze.${x.key}`),
                icon: <Icon as={AlarmClock} size="s" />,
                hint: <span className={s.when}>{when(x.at)}</span>,
              })),
              { value: 'reply', label: t('snooze.reply'), icon: <Icon as={MessageCircleReply} size="s" /> },
              { value: 'pick', label: t('snooze.pick'), icon: <Icon as={CalendarClock} size="s" /> },
            ],
          },
        ]}
        trigger={trigger}
      />
      <PickTime open={picking} close={() => setPicking(false)} done={onSnooze} />
    </>
  );
}

function PickTime({ open, close, done }: { open: boolean; close: () => void; done: (until: string) => void }) {
  const { t } = useT();
  const [value, setValue] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = () => {
    const at = new Date(value);
    if (Number.isNaN(at.getTime()) || at.getTime() <= Date.now()) return setWrong(true);
    close();
    done(at.toISOString());
  };
  return (
    <Dialog open={open} onClose={close} title={t('snooze.pickTitle')}>
      <form
        className={s.form}
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        <Field
          label={t('snooze.until')}
          type="datetime-local"
          min={localInput(new Date())}
          value={value}
          onChange={(e) => {
            setValue(e.target.value);
            setWrong(false);
          }}
          error={wrong ? t('snooze.past') : ''}
          data-first
        />
        <div className={s.buttons}>
          <Button onClick={close}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit">
            {t('snooze.do')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
