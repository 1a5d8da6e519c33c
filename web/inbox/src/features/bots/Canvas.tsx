/** The graph drawn. Arrow keys go from step to step, Enter opens one, Delete removes it, Alt with an arrow moves it. */
import {
  applyNodeChanges,
  Background,
  BaseEdge,
  type Connection,
  type Edge,
  type EdgeProps,
  getBezierPath,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { Maximize, Wand, ZoomIn, ZoomOut } from 'lucide-react';
import { type DragEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import { useBuilder } from './builder';
import s from './Canvas.module.css';
import { connect, exitOf, exitsOf, handleOf, type Kind, place, standsIn, stepOf } from './graph';
import { nameOf } from './kinds';
import { arranged, heightOf, lineAround, toward, type Way, width } from './layout';
import { StepNode, type StepNodeType } from './Node';
import { dragged } from './Palette';

const nodeTypes = { step: StepNode };
const all = { maxZoom: 1, padding: 0.12 };
/** Below this size nobody can read a step. */
const least = 0.65;
const edgeTypes = { around: Around };
const ways: Record<string, Way> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };
const still = window.matchMedia('(prefers-reduced-motion: reduce)');

/** A line between two steps that goes around those in between. */
function Around(e: EdgeProps) {
  const { graph } = useBuilder();
  const line = lineAround(graph, { x: e.sourceX, y: e.sourceY }, { x: e.targetX, y: e.targetY });
  return <BaseEdge id={e.id} path={line ?? getBezierPath(e)[0]} />;
}

export default function Canvas() {
  return (
    <ReactFlowProvider>
      <Drawn />
    </ReactFlowProvider>
  );
}

function Drawn() {
  const { t } = useT();
  const b = useBuilder();
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const { graph, selected, fixed, shown } = b;
  const want = useMemo<StepNodeType[]>(
    () =>
      graph.steps.map((step) => ({
        id: step.id,
        type: 'step',
        position: { x: step.x ?? 0, y: step.y ?? 0 },
        width,
        height: heightOf(step),
        selected: step.id === selected,
        focusable: step.id === (selected || graph.start),
        ariaLabel: nameOf(t, step),
        data: { step },
      })),
    [graph, selected, t],
  );
  // While a step is dragged it stands where the pointer has it; the graph hears of it at the end.
  const [nodes, setNodes] = useState(want);
  useEffect(() => setNodes((had) => want.map((n) => ({ ...n, measured: had.find((h) => h.id === n.id)?.measured }))), [want]);
  const edges = useMemo<Edge[]>(
    () =>
      graph.steps.flatMap((step) =>
        exitsOf(step)
          .map((e) => (e.to || !standsIn(step, e) ? e : { ...e, to: step.next ?? '', stands: true }))
          .filter((e) => e.to && stepOf(graph, e.to))
          .map((e) => ({
            id: `${step.id} ${e.name}`,
            source: step.id,
            sourceHandle: handleOf(e.name),
            target: e.to,
            type: 'around',
            focusable: false,
            className:
              step.id === selected || e.to === selected ? s.near : 'stands' in e || e.name === 'fail' || e.name === 'away' ? s.spare : undefined,
          })),
      ),
    [graph, selected],
  );
  const latest = useRef({ flow, graph, selected });
  latest.current = { flow, graph, selected };
  useEffect(() => {
    const now = latest.current;
    const at = stepOf(now.graph, now.selected);
    if (!shown || !at) return;
    const calm = still.matches ? 0 : 240;
    void now.flow.setCenter((at.x ?? 0) + width / 2, (at.y ?? 0) + heightOf(at) / 2, { zoom: Math.max(now.flow.getZoom(), 0.8), duration: calm });
  }, [shown]);

  /** All of a bot that can be read at that size; of a larger one, its beginning. */
  const begin = async () => {
    await flow.fitView(all);
    const start = stepOf(graph, graph.start);
    if (!start || flow.getZoom() >= least) return;
    const middle = (start.y ?? 0) + heightOf(start) / 2;
    await flow.setViewport({ zoom: least, x: 32 - (start.x ?? 0) * least, y: (box.current?.clientHeight ?? 0) / 2 - middle * least });
  };
  const focus = (id: string) =>
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }),
    );
  const go = (id: string) => {
    b.select(id, true);
    focus(id);
  };
  const onKey = (e: KeyboardEvent) => {
    const on = e.target instanceof HTMLElement ? e.target.closest<HTMLElement>('.react-flow__node')?.dataset.id : undefined;
    const step = on ? stepOf(graph, on) : undefined;
    if (!on || !step) return;
    const way = ways[e.key];
    const plain = !e.altKey && !e.ctrlKey && !e.metaKey;
    if (way && e.altKey && !fixed) {
      const by = { left: [-20, 0], right: [20, 0], up: [0, -20], down: [0, 20] }[way] as [number, number];
      b.edit(place(graph, { [on]: { x: (step.x ?? 0) + by[0], y: (step.y ?? 0) + by[1] } }), `move ${on}`);
    } else if (way && plain) {
      const next = toward(graph, on, way);
      if (next) go(next);
    } else if (e.key === 'Enter' && plain) {
      b.select(on);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-form] input, [data-form] textarea, [data-form] select')?.focus());
    } else if ((e.key === 'Delete' || e.key === 'Backspace') && plain && !fixed) {
      const i = graph.steps.indexOf(step);
      const next = graph.steps[i + 1] ?? graph.steps[i - 1];
      b.removeStep(on);
      if (next) focus(next.id);
    } else if (e.key.toLowerCase() === 'd' && (e.ctrlKey || e.metaKey) && !fixed) b.copyStep(on);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const onDrop = (e: DragEvent) => {
    const kind = e.dataTransfer.getData(dragged) as Kind;
    if (!kind || fixed) return;
    e.preventDefault();
    const at = flow.screenToFlowPosition({ x: e.clientX, y: e.clientY });
    b.addStep(kind, undefined, { x: Math.round(at.x - width / 2), y: Math.round(at.y - 30) });
  };
  const onConnect = (c: Connection) => b.edit(connect(graph, { step: c.source, exit: exitOf(c.sourceHandle) }, c.target));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the steps in it take the keys
    <div
      ref={box}
      className={s.canvas}
      onKeyDownCapture={onKey}
      onDrop={onDrop}
      onDragOver={(e) => e.dataTransfer.types.includes(dragged) && e.preventDefault()}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={(changes: NodeChange<StepNodeType>[]) =>
          setNodes((n) =>
            applyNodeChanges(
              changes.filter((c) => c.type !== 'select' && c.type !== 'remove'),
              n,
            ),
          )
        }
        onNodeDragStop={(_, node) => b.edit(place(graph, { [node.id]: node.position }))}
        onNodeClick={(_, node) => b.select(node.id)}
        onPaneClick={() => b.select('')}
        onConnect={onConnect}
        nodesDraggable={!fixed}
        nodesConnectable={!fixed}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomActivationKeyCode={null}
        panActivationKeyCode={null}
        minZoom={0.2}
        maxZoom={1.5}
        onInit={() => void begin()}
        onlyRenderVisibleElements={graph.steps.length > 60}
        connectionRadius={40}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1.5} />
      </ReactFlow>
      {graph.steps.length === 0 && <p className={s.empty}>{t('bots.emptyText')}</p>}
      <div className={s.zoom} role="toolbar" aria-label={t('bots.zoom')}>
        <IconButton label={t('bots.zoomIn')} small onClick={() => void flow.zoomIn()}>
          <Icon as={ZoomIn} size="s" />
        </IconButton>
        <IconButton label={t('bots.zoomOut')} small onClick={() => void flow.zoomOut()}>
          <Icon as={ZoomOut} size="s" />
        </IconButton>
        <IconButton label={t('bots.fit')} small onClick={() => void flow.fitView(all)}>
          <Icon as={Maximize} size="s" />
        </IconButton>
        {!fixed && (
          <IconButton
            label={t('bots.arrange')}
            small
            onClick={() => {
              b.edit(arranged(graph));
              requestAnimationFrame(() => requestAnimationFrame(() => void flow.fitView(all)));
            }}
          >
            <Icon as={Wand} size="s" />
          </IconButton>
        )}
      </div>
      <p className={s.keys}>{t('bots.keys')}</p>
    </div>
  );
}
