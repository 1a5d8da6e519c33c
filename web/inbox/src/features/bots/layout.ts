/** Where steps stand on the canvas, from left to right. */
import { Graph, layout } from '@dagrejs/dagre';
import type { BotGraph, BotStep } from '~core/wire';
import { exitsOf, place } from './graph';

export const width = 244;

/** As Node.module.css draws it. */
export const heightOf = (s: BotStep): number => 92 + exitsOf(s).length * 28;

/** The whole graph laid out anew. */
export function arranged(g: BotGraph): BotGraph {
  const d = new Graph();
  d.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 84 });
  d.setDefaultEdgeLabel(() => ({}));
  for (const s of g.steps) d.setNode(s.id, { width, height: heightOf(s) });
  for (const s of g.steps) for (const e of exitsOf(s)) if (e.to && d.hasNode(e.to) && e.to !== s.id) d.setEdge(s.id, e.to);
  layout(d);
  return place(
    g,
    Object.fromEntries(
      g.steps.map((s) => {
        const n = d.node(s.id) as { x: number; y: number };
        return [s.id, { x: n.x - width / 2, y: n.y - heightOf(s) / 2 }];
      }),
    ),
  );
}

function overlap(a: BotStep, b: BotStep): boolean {
  const dy = (b.y ?? 0) - (a.y ?? 0);
  return Math.abs((a.x ?? 0) - (b.x ?? 0)) < width && (dy >= 0 ? dy < heightOf(a) : -dy < heightOf(b));
}

/** Whether steps lie on each other: nobody has placed them. */
export const piled = (g: BotGraph): boolean => g.steps.some((a, i) => g.steps.slice(i + 1).some((b) => overlap(a, b)));

/** A step moved down to where it lies on no other. */
export function freed(g: BotGraph, id: string): BotGraph {
  let s = g.steps.find((x) => x.id === id);
  if (!s) return g;
  for (;;) {
    const on = g.steps.find((x) => x.id !== id && overlap(x, s as BotStep));
    if (!on) return place(g, { [id]: { x: s.x ?? 0, y: s.y ?? 0 } });
    s = { ...s, y: (on.y ?? 0) + heightOf(on) + 24 };
  }
}

/** Room that a line leaves around a step that it goes past. */
const past = 18;

/** A line from a step to one on its right, in SVG's words: around what stands in between, above it or below it, whichever is nearer. */
export function lineAround(g: BotGraph, from: { x: number; y: number }, to: { x: number; y: number }): string | undefined {
  const slope = (to.y - from.y) / (to.x - from.x || 1);
  const between = g.steps.filter((s) => {
    const [x, y] = [s.x ?? 0, s.y ?? 0];
    if (x < from.x + 8 || x + width > to.x - 8) return false;
    const at = [x, x + width].map((e) => from.y + slope * (e - from.x));
    return Math.max(...at) > y - past && Math.min(...at) < y + heightOf(s) + past;
  });
  if (between.length === 0) return undefined;
  const above = Math.min(...between.map((s) => s.y ?? 0)) - past;
  const below = Math.max(...between.map((s) => (s.y ?? 0) + heightOf(s))) + past;
  const far = (lane: number) => Math.abs(lane - from.y) + Math.abs(lane - to.y);
  const lane = far(above) < far(below) ? above : below;
  const [a, b] = [Math.min(...between.map((s) => s.x ?? 0)), Math.max(...between.map((s) => (s.x ?? 0) + width))];
  const bend = (x: number, toX: number) => Math.max(16, Math.abs(toX - x) / 2);
  const [i, o] = [bend(from.x, a), bend(b, to.x)];
  return `M${from.x},${from.y} C${from.x + i},${from.y} ${a - i},${lane} ${a},${lane} L${b},${lane} C${b + o},${lane} ${to.x - o},${to.y} ${to.x},${to.y}`;
}

export type Way = 'left' | 'right' | 'up' | 'down';

/** The nearest step that lies in a direction; what is off the line counts double. */
export function toward(g: BotGraph, from: string, way: Way): string {
  const a = g.steps.find((s) => s.id === from);
  if (!a) return g.steps[0]?.id ?? '';
  const across = way === 'left' || way === 'right';
  const sign = way === 'right' || way === 'down' ? 1 : -1;
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const b of g.steps) {
    const dx = (b.x ?? 0) - (a.x ?? 0);
    const dy = (b.y ?? 0) - (a.y ?? 0);
    const along = sign * (across ? dx : dy);
    const far = along + 2 * Math.abs(across ? dy : dx);
    if (b !== a && along > 0 && far < least) [best, least] = [b.id, far];
  }
  return best;
}
