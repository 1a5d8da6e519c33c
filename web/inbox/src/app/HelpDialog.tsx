import { type Key, useT } from '~/app/locale';
import { modifier } from '~/app/shortcuts';
import { Kbd } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import s from './HelpDialog.module.css';

const rows: [string[], Key][] = [
  [['j', 'k'], 'help.move'],
  [['Enter', 'o'], 'help.open'],
  [['u', 'Esc'], 'help.back'],
  [['r'], 'help.reply'],
  [['R'], 'help.replyAll'],
  [['f'], 'help.forward'],
  [['n'], 'help.note'],
  [['c'], 'help.write'],
  [[`${modifier} ↵`], 'help.send'],
  [['z'], 'help.undo'],
  [['e'], 'help.close'],
  [['a'], 'help.assign'],
  [['i'], 'help.mine'],
  [['s'], 'help.snooze'],
  [['t'], 'help.tags'],
  [['U'], 'help.unread'],
  [['x'], 'help.select'],
  [['!'], 'help.spam'],
  [['#'], 'help.trash'],
  [['m'], 'help.toInbox'],
  [['?'], 'help.this'],
];

export function HelpDialog({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useT();
  return (
    <Dialog open={open} onClose={close} title={t('help.title')}>
      <p className={s.lead}>{t('help.lead')}</p>
      <dl className={s.keys}>
        {rows.map(([keys, label]) => (
          <div key={label}>
            <dt>
              {keys.map((k) => (
                <Kbd key={k}>{k}</Kbd>
              ))}
            </dt>
            <dd>{t(label)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
