/** The same graph as a list: everything that the canvas can, with a keyboard or a screen reader, and where there is no room for a canvas. */
import { ArrowDown, ArrowUp, CircleAlert, Copy, Flag, Plus, Trash2, TriangleAlert } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useT } from '~/app/locale';
import { Button, IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import type { BotStep } from '~core/wire';
import { useBuilder } from './builder';
import { StepNumbers } from './Counted';
import { Goto } from './forms/parts';
import { connect, exitsOf, move } from './graph';
import { exitName, hueOf, kindName, nameOf, openEnd, summary } from './kinds';
import { AddMenu, KindMark } from './Palette';
import s from './Steps.module.css';

export function Steps() {
  const { t } = useT();
  const b = useBuilder();
  const list = useRef<HTMLOListElement>(null);
  const { graph, selected, shown, fixed } = b;
  const latest = useRef(selected);
  latest.current = selected;
  useEffect(() => {
    if (shown) list.current?.querySelector(`[data-step="${CSS.escape(latest.current)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  const focus = (i: number) => list.current?.querySelectorAll<HTMLElement>('[data-open]')[i]?.focus();
  const onKey = (e: KeyboardEvent, step: BotStep, i: number) => {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (by && e.altKey && !fixed) {
      b.edit(move(graph, step.id, by));
      requestAnimationFrame(() => focus(i + by));
    } else if (by) focus(i + by);
    else if (e.key === 'Delete' && !fixed) {
      b.removeStep(step.id);
      requestAnimationFrame(() => focus(Math.min(i, graph.steps.length - 2)));
    } else if (e.key.toLowerCase() === 'd' && (e.ctrlKey || e.metaKey) && !fixed) b.copyStep(step.id);
    else return;
    e.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.scroll} tabIndex={0} aria-label={t('bots.list')}>
      {graph.steps.length === 0 && <p className={s.none}>{t('bots.emptyText')}</p>}
      <ol ref={list} className={s.list}>
        {graph.steps.map((step, i) => (
          <li
            key={step.id}
            className={s.step}
            data-step={step.id}
            data-selected={step.id === selected || undefined}
            data-lit={step.id === b.lit || undefined}
          >
            <div className={s.head}>
              <span className={s.no} aria-hidden="true">
                {i + 1}
              </span>
              <button
                type="button"
                data-open
                className={s.open}
                aria-expanded={step.id === selected && b.panel === 'step'}
                onClick={() => b.select(step.id)}
                onKeyDown={(e) => onKey(e, step, i)}
              >
                <KindMark kind={step.kind} hue={hueOf(step.kind)} />
                <span>
                  <span className="sr">{`${i + 1}. ${step.name ? kindName(t, step.kind) : ''}`}</span>
                  <b>{nameOf(t, step)}</b>
                  <small>{summary(t, step)}</small>
                </span>
              </button>
              <Marks step={step} />
              {!fixed && <Tools step={step} i={i} />}
            </div>
            <StepNumbers id={step.id} className={s.numbers} />
            <ul className={s.exits}>
              {exitsOf(step).map((e) => (
                <li key={e.name} className={s.exit}>
                  <Goto
                    inline
                    label={exitName(t, step, e)}
                    value={e.to}
                    none={openEnd(t, step, e)}
                    fixed={fixed}
                    set={(to) => b.edit(connect(graph, { step: step.id, exit: e.name }, to))}
                  />
                  {!fixed && (
                    <AddMenu
                      at={{ step: step.id, exit: e.name }}
                      trigger={
                        <IconButton label={t('bots.insert', { exit: exitName(t, step, e), step: nameOf(t, step) })} small>
                          <Icon as={Plus} size="s" />
                        </IconButton>
                      }
                    />
                  )}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {!fixed && (
        <div className={s.foot}>
          <AddMenu
            trigger={
              <Button>
                <Icon as={Plus} size="s" />
                {t('bots.addStep')}
              </Button>
            }
          />
          <p className={s.keys}>{t('bots.listKeys')}</p>
        </div>
      )}
    </section>
  );
}

function Marks({ step }: { step: BotStep }) {
  const { t } = useT();
  const b = useBuilder();
  const found = b.found.get(step.id) ?? [];
  const block = found.some((f) => f.block);
  return (
    <span className={s.marks}>
      {b.graph.start === step.id && (
        <span title={t('bots.first')}>
          <Icon as={Flag} size="s" />
          <span className="sr">{t('bots.first')}</span>
        </span>
      )}
      {found.length > 0 && (
        <span data-found={block ? 'block' : 'advice'} title={t('bots.findings', { count: found.length })}>
          <Icon as={block ? CircleAlert : TriangleAlert} size="s" />
          <span className="sr">{t('bots.findings', { count: found.length })}</span>
        </span>
      )}
    </span>
  );
}

function Tools({ step, i }: { step: BotStep; i: number }) {
  const { t } = useT();
  const b = useBuilder();
  const name = nameOf(t, step);
  return (
    <span className={s.tools}>
      <IconButton label={t('bots.up', { step: name })} small aria-disabled={i === 0} onClick={() => b.edit(move(b.graph, step.id, -1))}>
        <Icon as={ArrowUp} size="s" />
      </IconButton>
      <IconButton
        label={t('bots.down', { step: name })}
        small
        aria-disabled={i === b.graph.steps.length - 1}
        onClick={() => b.edit(move(b.graph, step.id, 1))}
      >
        <Icon as={ArrowDown} size="s" />
      </IconButton>
      <IconButton label={t('bots.copy', { step: name })} small onClick={() => b.copyStep(step.id)}>
        <Icon as={Copy} size="s" />
      </IconButton>
      <IconButton label={t('bots.removeStep', { step: name })} small onClick={() => b.removeStep(step.id)}>
        <Icon as={Trash2} size="s" />
      </IconButton>
    </span>
  );
}
