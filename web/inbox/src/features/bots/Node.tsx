/** One step on the canvas: what it says, each way out with its handle, and what was counted. */
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { CircleAlert, Flag, TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import type { BotStep } from '~core/wire';
import { useBuilder } from './builder';
import { StepNumbers } from './Counted';
import { exitsOf, handleOf, standsIn } from './graph';
import { exitName, hueOf, nameOf, summary } from './kinds';
import s from './Node.module.css';
import { KindMark } from './Palette';

export type StepNodeType = Node<{ step: BotStep }, 'step'>;

export const StepNode = memo(function StepNode({ data: { step }, selected }: NodeProps<StepNodeType>) {
  const { t } = useT();
  const b = useBuilder();
  const found = b.found.get(step.id) ?? [];
  const block = found.some((f) => f.block);
  return (
    <div
      className={s.node}
      data-selected={selected || undefined}
      data-lit={b.lit === step.id || undefined}
      data-found={found.length ? (block ? 'block' : 'advice') : undefined}
    >
      <Handle type="target" position={Position.Left} className={s.in} />
      <div className={s.head}>
        <KindMark kind={step.kind} hue={hueOf(step.kind)} />
        <span className={s.name}>{nameOf(t, step)}</span>
        {b.graph.start === step.id && (
          <span className={s.start} title={t('bots.first')}>
            <Icon as={Flag} size="xs" />
            <span className="sr">{t('bots.first')}</span>
          </span>
        )}
        {found.length > 0 && (
          <span className={s.found} title={t('bots.findings', { count: found.length })}>
            <Icon as={block ? CircleAlert : TriangleAlert} size="s" />
            <span className="sr">{t('bots.findings', { count: found.length })}</span>
          </span>
        )}
      </div>
      <p className={s.words}>{summary(t, step)}</p>
      <StepNumbers id={step.id} className={s.numbers} />
      {exitsOf(step).map((e) => (
        <div key={e.name} className={s.exit} data-open={(!e.to && !standsIn(step, e)) || undefined}>
          <span>{exitName(t, step, e)}</span>
          <Handle id={handleOf(e.name)} type="source" position={Position.Right} className={s.out} />
        </div>
      ))}
    </div>
  );
});
