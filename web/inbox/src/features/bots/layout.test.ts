import { expect, it } from 'vitest';
import type { BotGraph } from '~core/wire';
import { arranged, piled, toward } from './layout';

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
