import { expect, test } from 'vitest';
import type { Property } from '~core/wire';
import { kindOf, opsOf, tidy, turnTo, wordOf } from './conditions';

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

test('one is on a list or is not, and a company is one of those there are', () => {
  expect(opsOf('list', properties)).toEqual(['is', 'isNot']);
  expect(turnTo({ on: 'phone', op: 'set' }, 'list', properties)).toEqual({ on: 'list', op: 'is', value: '' });
  expect(turnTo({ on: 'phone', op: 'unset' }, 'company', properties)).toEqual({ on: 'company', op: 'unset', value: '' });
  expect(opsOf('list', properties).map((op) => wordOf(op, 'list', properties))).toEqual(['on', 'notOn']);
  expect(wordOf('before', 'size', [{ ...properties[0], id: 'size', kind: 'number' } as Property])).toBe('less');
  expect(wordOf('isNot', 'company', properties)).toBe('isNot');
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
