import { expect, it } from 'vitest';
import { differences } from './differences';

it('names the fields that changed, and no other', () => {
  expect(differences({ id: '1', revision: 1, name: 'A', members: ['x'] }, { id: '1', revision: 2, name: 'B', members: ['x'] })).toEqual([
    { name: 'name', before: 'A', after: 'B' },
  ]);
});
it('of something new or gone, all of it', () => {
  expect(differences(undefined, { name: 'A', members: ['x'] })).toEqual([
    { name: 'name', before: '', after: 'A' },
    { name: 'members', before: '', after: 'x' },
  ]);
  expect(differences({ name: 'A' }, null)).toEqual([{ name: 'name', before: 'A', after: '' }]);
});
it('a list of words as words, what is deeper as it is', () =>
  expect(differences({ on: ['a', 'b'] }, { on: [{ a: 1 }] })).toEqual([{ name: 'on', before: 'a, b', after: '[{"a":1}]' }]));
it('of a bare value, the value', () => expect(differences('a', 'b')).toEqual([{ name: '', before: 'a', after: 'b' }]));
