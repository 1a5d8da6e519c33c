/** What the check found; each leads to its step. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useT } from '~/app/locale';
import { Empty } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import type { BotFinding } from '~core/wire';
import s from './BotPage.module.css';
import { useBuilder } from './builder';
import { exitsOf, stepOf } from './graph';
import { exitName, nameOf } from './kinds';

export function Check() {
  const { t } = useT();
  const b = useBuilder();
  if (b.findings.length === 0) return <Empty icon={CircleCheck} tone="ok" title={t('bots.fine')} text={t('bots.fineText')} />;
  const blocks = b.findings.filter((f) => f.block).length;
  return (
    <div className={s.pane}>
      <p className={s.lead}>{blocks > 0 ? t('bots.blocking', { count: blocks }) : t('bots.onlyAdvice')}</p>
      <ul className={s.findings}>
        {b.findings.map((f, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: findings have no names and come all at once
          <li key={i}>
            <button
              type="button"
              className={s.finding}
              data-block={f.block || undefined}
              onClick={() => (f.step ? b.select(f.step, true) : b.setPanel('bot'))}
            >
              <FindingText f={f} named />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A finding in words, with its step if `named`. */
export function FindingText({ f, named }: { f: BotFinding; named?: boolean }) {
  const { t } = useT();
  const { graph } = useBuilder();
  const step = f.step ? stepOf(graph, f.step) : undefined;
  const exit = step && exitsOf(step).find((e) => e.name === (f.exit ?? ''));
  const about = f.fault === 'deadEnd' || f.fault === 'missing' || f.exit;
  return (
    <>
      <Icon as={f.block ? CircleAlert : TriangleAlert} size="s" />
      <span>
        {named && <b>{step ? nameOf(t, step) : t('bots.wholeBot')}</b>}
        <span>{t(`bots.fault.${f.fault}`)}</span>
        {f.fault === 'settings' && f.text && <small>{f.text}</small>}
        {(f.fault === 'token' || f.fault === 'gone') && f.on && <small>{f.on}</small>}
        {about && step && exit && <small>{t('bots.onExit', { exit: exitName(t, step, exit) })}</small>}
      </span>
      <span className="sr">{f.block ? t('bots.blocksPublish') : t('bots.advice')}</span>
    </>
  );
}
