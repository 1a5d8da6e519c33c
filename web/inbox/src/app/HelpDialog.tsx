import { type Key, useT } from '~/app/locale';
import { useWorksSomewhere } from '~/app/rights';
import { modifier } from '~/app/shortcuts';
import { Kbd } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import s from './HelpDialog.module.css';

/** Each with its keys and what they do; those of work stand only before who works somewhere. */
const rows: [string[], Key, work?: true][] = [
  [['j', 'k'], 'help.move'],
  [['Enter', 'o'], 'help.open'],
  [['u', 'Esc'], 'help.back'],
  [['r'], 'help.reply', true],
  [['R'], 'help.replyAll', true],
  [['f'], 'help.forward', true],
  [['n'], 'help.note', true],
  [['c'], 'help.write', true],
  [[`${modifier} ↵`], 'help.send', true],
  [['z'], 'help.undo', true],
  [['e'], 'help.close', true],
  [['a'], 'help.assign', true],
  [['i'], 'help.mine', true],
  [['s'], 'help.snooze', true],
  [['t'], 'help.tags', true],
  [['U'], 'help.unread', true],
  [['x'], 'help.select', true],
  [['!'], 'help.spam', true],
  [['#'], 'help.trash', true],
  [['m'], 'help.toInbox', true],
  [['?'], 'help.this'],
];

export function HelpDialog({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useT();
  const works = useWorksSomewhere();
  return (
    <Dialog open={open} onClose={close} title={t('help.title')}>
      <p className={s.lead}>{t('help.lead')}</p>
      <dl className={s.keys}>
        {rows
          .filter(([, , work]) => works || !work)
          .map(([keys, label]) => (
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
