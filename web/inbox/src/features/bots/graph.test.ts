import { describe, expect, it } from 'vitest';
import type { BotGraph } from '~core/wire';
import { add, answersOf, blank, connect, duplicate, emptyGraph, exitsOf, freshId, move, openPort, remove, standsIn, stepOf } from './graph';

const ask: BotGraph = {
  start: 'hi',
  human: { to: 'routing', text: '', awayNext: 'end' },
  steps: [
    { id: 'hi', kind: 'message', message: { bubbles: [{ text: 'Hello' }] }, next: 'size', x: 0, y: 0 },
    {
      id: 'size',
      kind: 'question',
      question: {
        text: 'Which?',
        ask: 'choice',
        into: 'size',
        choices: [
          { id: 'a', label: 'A' },
          { id: 'b', label: 'B', next: 'end' },
        ],
        fail: 'end',
      },
      next: 'who',
      x: 320,
      y: 0,
    },
    { id: 'who', kind: 'handoff', handoff: { to: 'routing', text: '' } },
    { id: 'end', kind: 'end', end: {} },
  ],
};
const to = (g: BotGraph, id: string) => exitsOf(stepOf(g, id) ?? { id: '', kind: 'end' }).map((e) => `${e.name}>${e.to}`);
const ids = (g: BotGraph) => g.steps.map((s) => s.id);

describe('a graph', () => {
  it('names every way out, also those that lead nowhere', () => {
    expect(to(ask, 'size')).toEqual(['a>', 'b>end', 'fail>end', '>who']);
    expect(to(ask, 'who')).toEqual([]);
    const all = connect(connect(ask, { step: 'size', exit: 'a' }, 'hi'), { step: 'size', exit: '' }, '');
    expect(to(all, 'size')).toEqual(['a>hi', 'b>end', 'fail>end']);
  });

  it('lets the next stand in for an open choice only', () => {
    const s = ask.steps[1];
    if (!s) throw new Error('no step');
    expect(exitsOf(s).map((e) => standsIn(s, e))).toEqual([true, true, false, false]);
    expect(exitsOf({ ...s, next: undefined }).some((e) => standsIn({ ...s, next: undefined }, e))).toBe(false);
  });

  it('takes a step between two, and its first step as the start', () => {
    const g = add(ask, blank('set', 'set1'), { step: 'hi', exit: '' });
    expect(to(g, 'hi')).toEqual(['>set1']);
    expect(to(g, 'set1')).toEqual(['>size']);
    expect(ids(g)).toEqual(['hi', 'set1', 'size', 'who', 'end']);
    expect(ids(ask)).toEqual(['hi', 'size', 'who', 'end']);
    expect(add(emptyGraph, blank('message', 'm')).start).toBe('m');
  });

  it('does not lead on behind what ends a walk', () => {
    const g = add(ask, blank('end', 'end1'), { step: 'size', exit: 'b' });
    expect(to(g, 'end1')).toEqual([]);
    expect(to(g, 'size')).toContain('b>end1');
  });

  it('closes the gap of a step that is removed, wherever it was named', () => {
    const g = remove(ask, 'size');
    expect(to(g, 'hi')).toEqual(['>who']);
    const gone = remove(ask, 'end');
    expect(to(gone, 'size')).toEqual(['a>', 'b>', '>who']);
    expect(gone.human?.awayNext).toBeUndefined();
    expect(remove(ask, 'hi').start).toBe('size');
    expect(remove(remove({ start: 'x', steps: [{ id: 'x', kind: 'message', next: 'x' }] }, 'x'), 'x')).toEqual({ start: '', steps: [] });
  });

  it('copies a step under its own id, and the copy is its own', () => {
    const { graph, id } = duplicate(ask, 'size');
    expect(id).toBe('question1');
    expect(ids(graph)).toEqual(['hi', 'size', 'question1', 'who', 'end']);
    expect(stepOf(graph, id)?.question).not.toBe(stepOf(graph, 'size')?.question);
    expect(freshId(graph, 'question')).toBe('question2');
  });

  it('moves a step in the list and no further than its ends', () => {
    expect(ids(move(ask, 'who', -1))).toEqual(['hi', 'who', 'size', 'end']);
    expect(move(ask, 'hi', -1)).toBe(ask);
    expect(ids(move(ask, 'hi', 9))).toEqual(['size', 'who', 'end', 'hi']);
  });

  it('says where a new step belongs', () => {
    expect(openPort(ask, 'hi')).toEqual({ step: 'hi', exit: '' });
    expect(openPort(ask, 'who')).toBeUndefined();
    expect(openPort(connect(ask, { step: 'size', exit: '' }, ''), 'size')).toEqual({ step: 'size', exit: 'a' });
  });

  it('knows what answers there are', () => {
    const g = {
      ...ask,
      steps: [...ask.steps, { ...blank('question', 'q'), x: 1 }, { ...blank('webhook', 'w'), webhook: { url: '', map: { plan: 'a.b' } } }],
    };
    expect(answersOf(g)).toEqual(['size', 'q', 'plan']);
  });
});
