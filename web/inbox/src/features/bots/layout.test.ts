import { expect, it } from 'vitest';
import type { BotGraph } from '~core/wire';
import { arranged, freed, lineAround, piled, toward } from './layout';

const g: BotGraph = {
  start: 'a',
  steps: [
    { id: 'a', kind: 'branch', branch: { branches: [{ id: 'e1', tests: [], next: 'b' }] }, next: 'c' },
    { id: 'b', kind: 'message', next: 'd' },
    { id: 'c', kind: 'message', next: 'd' },
    { id: 'd', kind: 'message', next: 'a' },
  ],
};

it('lays steps out from left to right, none on another, also in a circle', () => {
  const out = arranged(g);
  const x = Object.fromEntries(out.steps.map((s) => [s.id, s.x ?? 0]));
  expect(piled(g)).toBe(true);
  expect(piled(out)).toBe(false);
  expect((x.a ?? 0) < (x.b ?? 0) && (x.b ?? 0) < (x.d ?? 0)).toBe(true);
  expect(x.b).toBe(x.c);
});

it('finds the step that lies in a direction', () => {
  const out = arranged(g);
  const [up, down] = (out.steps.find((s) => s.id === 'b')?.y ?? 0) < (out.steps.find((s) => s.id === 'c')?.y ?? 0) ? ['b', 'c'] : ['c', 'b'];
  expect(toward(out, up as string, 'down')).toBe(down);
  expect(toward(out, down as string, 'up')).toBe(up);
  expect(toward(out, 'b', 'right')).toBe('d');
  expect(toward(out, 'b', 'left')).toBe('a');
  expect(toward(out, 'd', 'right')).toBe('');
  expect(toward(out, 'gone', 'right')).toBe('a');
});

it('moves a new step off those that are there, and no other', () => {
  const out = arranged(g);
  const c = out.steps.find((s) => s.id === 'c');
  const full = { ...out, steps: [...out.steps, { id: 'e', kind: 'end' as const, x: c?.x, y: c?.y }] };
  const free = freed(full, 'e');
  expect(piled(full)).toBe(true);
  expect(piled(free)).toBe(false);
  expect(free.steps.slice(0, 4)).toEqual(out.steps);
  expect(freed(free, 'e').steps).toEqual(free.steps);
});

it('leads a line around what stands in between, on the nearer side', () => {
  const at = (y: number): BotGraph => ({ start: 'a', steps: [{ id: 'm', kind: 'message', next: '', x: 400, y }] });
  const [from, to] = [
    { x: 300, y: 100 },
    { x: 800, y: 120 },
  ];
  const lane = (g: BotGraph) => Number(/L[\d.]+,(-?[\d.]+)/.exec(lineAround(g, from, to) ?? '')?.[1]);
  expect(lane(at(40))).toBe(178); // it is 120 high
  expect(lane(at(70))).toBe(52);
  expect(lineAround(at(300), from, to)).toBeUndefined();
  expect(lineAround({ ...at(40), steps: [{ id: 'm', kind: 'message', next: '', x: 900, y: 40 }] }, from, to)).toBeUndefined();
});
