import { expect, test } from 'vitest';
import type { Property } from '~core/wire';
import { kindOf, opsOf, tidy, turnTo } from './conditions';

const properties = [{ id: 'plan', of: 'contact', kind: 'choice', name: 'Plan', order: 1, options: ['gold'] }] as Property[];

test('a condition on another subject keeps its comparison if that means something there', () => {
  expect(turnTo({ on: 'name', op: 'is', value: 'Lena' }, 'plan', properties)).toEqual({ on: 'plan', op: 'is', value: '' });
  expect(turnTo({ on: 'name', op: 'contains', value: 'Lena' }, 'plan', properties)).toEqual({ on: 'plan', op: 'is', value: '' });
  expect(turnTo({ on: 'active', op: 'within', value: '7' }, 'created', properties).op).toBe('within');
});

test('kinds and comparisons are those of the server', () => {
  expect(kindOf('plan', properties)).toBe('choice');
  expect(kindOf('active', properties)).toBe('date');
  expect(opsOf('plan', properties)).not.toContain('contains');
  expect(opsOf('created', properties)).toContain('earlier');
});

test('where nothing is asked, no value is sent', () => {
  expect(
    tidy([
      { on: 'phone', op: 'set', value: 'x' },
      { on: 'name', op: 'is', value: ' Lena ' },
    ]),
  ).toEqual([
    { on: 'phone', op: 'set' },
    { on: 'name', op: 'is', value: 'Lena' },
  ]);
});
