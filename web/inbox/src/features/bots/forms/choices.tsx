/** Quick replies, or the exits of a script: each with its words and where it leads. */
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { useT } from '~/app/locale';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import type { BotChoice } from '~core/wire';
import { freshExit } from '../graph';
import s from './forms.module.css';
import { Goto, Rows } from './parts';

interface Props {
  title: string;
  add: string;
  value: BotChoice[];
  /** what it is called that an exit leads nowhere of its own */
  none: string;
  /** the id is written by the team too: a script names it */
  named?: boolean;
  set: (c: BotChoice[], join?: string) => void;
}

export function Choices({ title, add, value, none, named, set }: Props) {
  const { t } = useT();
  const patch = (i: number, p: Partial<BotChoice>, join?: string) =>
    set(
      value.map((c, n) => (n === i ? { ...c, ...p } : c)),
      join && `${join} ${i}`,
    );
  const move = (i: number, by: number) => {
    const next = [...value];
    const [c] = next.splice(i, 1);
    if (c) next.splice(i + by, 0, c);
    set(next);
  };
  return (
    <Rows title={title} full={value.length >= 12} add={{ label: add, run: () => set([...value, { id: freshExit(value), label: '' }]) }}>
      {value.map((c, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the id of an exit is edited in place
        <div key={i} className={s.choice}>
          <div className={s.line}>
            {named && (
              <input
                aria-label={t('bots.exitId', { n: i + 1 })}
                value={c.id}
                maxLength={40}
                spellCheck={false}
                onChange={(e) => patch(i, { id: e.target.value }, 'id')}
              />
            )}
            <input
              aria-label={t('bots.choice', { n: i + 1 })}
              value={c.label}
              maxLength={60}
              placeholder={t('bots.choice', { n: i + 1 })}
              onChange={(e) => patch(i, { label: e.target.value }, 'label')}
            />
            <IconButton label={t('bots.up', { step: c.label || String(i + 1) })} small disabled={i === 0} onClick={() => move(i, -1)}>
              <Icon as={ArrowUp} size="s" />
            </IconButton>
            <IconButton label={t('bots.down', { step: c.label || String(i + 1) })} small disabled={i === value.length - 1} onClick={() => move(i, 1)}>
              <Icon as={ArrowDown} size="s" />
            </IconButton>
            <IconButton label={t('bots.removeStep', { step: c.label || String(i + 1) })} small onClick={() => set(value.filter((_, n) => n !== i))}>
              <Icon as={X} size="s" />
            </IconButton>
          </div>
          <Goto
            hidden
            label={t('bots.leadsTo', { exit: c.label || String(i + 1) })}
            value={c.next ?? ''}
            none={none}
            set={(next) => patch(i, { next: next || undefined })}
          />
        </div>
      ))}
    </Rows>
  );
}
