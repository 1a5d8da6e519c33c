import { describe, expect, it } from 'vitest';
import { parts } from './folds';

const cut = (text: string, ...folds: [number, number][]) =>
  parts(
    text,
    folds.map(([from, to]) => ({ from, to })),
  ).map((p) => (p.folded ? `[${p.text}]` : p.text));

describe('parts', () => {
  it('is the whole text without folds', () => expect(cut('a\n\nb\n')).toEqual(['a\n\nb']));
  it('folds a tail', () =>
    expect(cut('Yes.\n\nOn Sunday Mara wrote:\n> Hi\n> you\n', [2, 6])).toEqual(['Yes.', '[On Sunday Mara wrote:\n> Hi\n> you]']));
  it('folds between answers, in place', () =>
    expect(cut('> one?\nyes\n\n> two?\n\n  no', [0, 1], [3, 4])).toEqual(['[> one?]', 'yes', '[> two?]', '  no']));
  it('never hides everything', () => expect(cut('> a\n> b', [0, 2])).toEqual(['> a\n> b']));
  it('loses and doubles nothing when folds overlap, are turned round or lie outside', () => {
    const lines = ['0', '1', '2', '3'];
    for (let a = -1; a < 6; a++)
      for (let b = -1; b < 6; b++)
        for (let c = -1; c < 6; c++)
          for (let d = -1; d < 6; d++) {
            const got = parts(lines.join('\n'), [
              { from: a, to: b },
              { from: c, to: d },
            ]);
            expect(got.map((p) => p.text).join('\n')).toBe(lines.join('\n'));
            expect(new Set(got.map((p) => p.from)).size).toBe(got.length);
          }
  });
  it('says nothing of nothing', () => expect(cut('\n\n')).toEqual(['']));
});
