import { expect, it } from 'vitest';
import { begin, commit, redo, undo } from './history';

it('takes back and gives again, and joins what is typed in one place', () => {
  let h = begin('');
  h = commit(h, 'a', 'text');
  h = commit(h, 'ab', 'text');
  h = commit(h, 'abc', 'other');
  expect(undo(h).now).toBe('ab');
  expect(undo(undo(h)).now).toBe('');
  expect(undo(undo(undo(h))).now).toBe('');
  expect(redo(undo(h)).now).toBe('abc');
  const branched = commit(undo(h), 'x');
  expect(redo(branched).now).toBe('x');
  expect(commit(h, 'abc')).toBe(h);
});

it('does not join over an undo', () => {
  const h = undo(commit(commit(begin(1), 2, 'k'), 3, 'l'));
  expect(undo(commit(h, 4, 'k')).now).toBe(2);
});
