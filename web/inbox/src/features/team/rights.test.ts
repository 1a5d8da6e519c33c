import { expect, it } from 'vitest';
import { others, rightGroups } from './rights';

it('no operation is part of two rights', () => {
  const all = rightGroups.flatMap((g) => g.rights.flatMap((r) => r.needs));
  expect(all.filter((o, i) => all.indexOf(o) !== i)).toEqual([]);
});

it('what is new is not left out', () => {
  expect(
    others([
      { role: 'admin', sees: true, may: ['getMe', 'launch', 'abort'] },
      { role: 'agent', sees: false, may: ['launch'] },
    ]),
  ).toEqual(['abort', 'launch']);
});
