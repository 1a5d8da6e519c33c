import { describe, expect, it } from 'vitest';
import { comment, delivery, sent } from './fixtures';
import { deliver, join, lastSeq, prepend, reconcile, unconfirmed } from './log';

const seqs = (entries: { seq: number }[]) => entries.map((e) => e.seq);
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => comment(from + i));

describe('join', () => {
  it('appends what follows', () => expect(seqs(join(run(1, 3), run(4, 5)).entries)).toEqual([1, 2, 3, 4, 5]));
  it('drops what is there and keeps the rest', () => expect(seqs(join(run(1, 3), run(2, 4)).entries)).toEqual([1, 2, 3, 4]));
  it('joins nothing over a gap', () => expect(join(run(1, 3), run(5, 6))).toEqual({ entries: run(1, 3), gap: true }));
  it('joins nothing when the incoming has a hole', () => expect(join(run(1, 3), [comment(4), comment(6)]).gap).toBe(true));
  it('returns the same array when nothing is new', () => {
    const have = run(1, 3);
    expect(join(have, run(2, 3)).entries).toBe(have);
  });
});

describe('reconcile', () => {
  it('keeps what the socket brought after the page was read', () => expect(seqs(reconcile(run(1, 6), run(1, 4)))).toEqual([1, 2, 3, 4, 5, 6]));
  it('keeps older pages that touch', () => expect(seqs(reconcile(run(1, 6), run(5, 9)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  it('takes only the page when there is a hole', () => expect(seqs(reconcile(run(1, 3), run(5, 9)))).toEqual([5, 6, 7, 8, 9]));
});

it('prepends an older page once', () => expect(seqs(prepend(run(4, 6), run(1, 5)))).toEqual([1, 2, 3, 4, 5, 6]));
it('knows the last number of an empty log', () => expect(lastSeq([])).toBe(0));

describe('deliver', () => {
  const log = [comment(2), sent(3, 'Hello')];
  it('notes the state on its message', () => expect(deliver(log, 3, delivery('sent', 5))[1]?.delivery?.state).toBe('sent'));
  it('does not go back in time', () => {
    const later = deliver(log, 3, delivery('sent', 5));
    expect(deliver(later, 3, delivery('sending', 4))[1]?.delivery?.state).toBe('sent');
  });
});

describe('unconfirmed', () => {
  const p = (key: string, text: string, kind: 'reply' | 'note' = 'reply') => ({ key, kind, text, seq: 2 });
  it('leaves out what the log already says', () => expect(unconfirmed([p('a', 'Hello\n')], [sent(3, 'Hello')], 'u1')).toEqual([]));
  it('keeps what another person said', () => expect(unconfirmed([p('a', 'Hello')], [sent(3, 'Hello', 'u2')], 'u1')).toHaveLength(1));
  it('keeps what was said before', () => expect(unconfirmed([p('a', 'Hello')], [sent(2, 'Hello')], 'u1')).toHaveLength(1));
  it('does not confuse a note with a reply', () => expect(unconfirmed([p('a', 'Hello', 'note')], [sent(3, 'Hello')], 'u1')).toHaveLength(1));
  it('confirms one of two that are alike', () =>
    expect(unconfirmed([p('a', 'Hi'), p('b', 'Hi')], [sent(3, 'Hi')], 'u1').map((x) => x.key)).toEqual(['b']));
});
