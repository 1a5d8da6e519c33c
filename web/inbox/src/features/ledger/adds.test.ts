import { describe, expect, it } from 'vitest';
import type { LedgerDay } from '~core/wire';
import { missing } from './adds';

const day = (patch: Partial<LedgerDay>): LedgerDay => ({
  day: '2026-11-25',
  accepted: 0,
  threaded: 0,
  filtered: 0,
  quarantined: 0,
  dropped: 0,
  underway: 0,
  ...patch,
});

describe('missing', () => {
  it('is nothing when every mail stands in one column', () =>
    expect(missing(day({ accepted: 10, threaded: 4, filtered: 3, quarantined: 1, dropped: 1, underway: 1 }))).toBe(0));
  it('counts mails that stand in none', () => expect(missing(day({ accepted: 10, threaded: 8 }))).toBe(2));
  it('counts mails that stand in two, though the rest was made to fit', () =>
    expect(missing(day({ accepted: 3, threaded: 4, underway: -1 }))).toBe(-1));
});
