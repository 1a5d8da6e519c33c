/** What holds for the whole bot: how long it waits, and how a visitor reaches a person whenever they ask for one. */
import { useT } from '~/app/locale';
import { Switch } from '~/ui/Switch';
import s from './BotPage.module.css';
import { useBuilder } from './builder';
import { FindingText } from './Check';
import { Goto, Num } from './forms/parts';
import { HandoffForm } from './forms/people';

export function Whole() {
  const { t } = useT();
  const b = useBuilder();
  const found = b.findings.filter((f) => !f.step);
  const { graph } = b;
  return (
    <div className={s.pane}>
      {found.length > 0 && (
        <ul className={s.findings}>
          {found.map((f, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no names and come all at once
            <li key={i} className={s.finding} data-block={f.block || undefined}>
              <FindingText f={f} />
            </li>
          ))}
        </ul>
      )}
      <fieldset className={s.form} disabled={b.fixed} data-form>
        <legend className="sr">{t('bots.panel.bot')}</legend>
        <Goto label={t('bots.firstStep')} value={graph.start} none={t('bots.exit.nowhere')} set={(start) => b.edit({ ...graph, start })} />
        <Num
          label={t('bots.timeout')}
          hint={t('bots.timeoutHint')}
          min={0}
          max={10_080}
          value={graph.timeout}
          set={(timeout) => b.edit({ ...graph, timeout }, 'timeout')}
        />
        <Switch
          label={t('bots.human')}
          hint={t('bots.humanHint')}
          on={!!graph.human}
          set={(on) => b.edit({ ...graph, human: on ? { to: 'routing', text: '' } : undefined })}
          fixed={b.fixed}
        />
        {graph.human && <HandoffForm value={graph.human} set={(human, key) => b.edit({ ...graph, human }, key && `human ${key}`)} />}
      </fieldset>
    </div>
  );
}
