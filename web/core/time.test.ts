import { describe, expect, it } from 'vitest';
import { ago, bytes, dayLabel, isZero, leaf, span, when } from './time';

process.env.TZ = 'Europe/Ljubljana';
const now = Date.parse('2026-11-22T10:00:00Z');
const back = (ms: number) => new Date(now - ms).toISOString();
const minute = 60_000;

describe('span', () => {
  it.each([
    [-5 * minute, '0m'],
    [59_000, '0m'],
    [4 * minute, '4m'],
    [119 * minute, '1h'],
    [47 * 60 * minute, '47h'],
    [50 * 60 * minute, '2d'],
  ])('%d ms is %s', (ms, text) => expect(span('en', ms)).toBe(text));
  it('speaks German', () => expect(span('de', 4 * minute)).toMatch(/^4\s?(Min\.?|m)$/));
});

describe('ago', () => {
  it.each([
    [back(5_000), 'now'],
    [back(21 * minute), '21m'],
    [back(5 * 60 * minute), '5h'],
    ['2026-10-12T08:00:00Z', 'Oct 12'],
    ['2025-09-03T08:00:00Z', 'Sep 3, 2025'],
  ])('%s is %s', (iso, text) => expect(ago('en', iso, now)).toBe(text));
});

describe('dayLabel', () => {
  it('goes by the calendar of the place, not by 24 hours', () => {
    expect(dayLabel('en', '2026-11-21T23:30:00Z', now)).toBe('Today');
    expect(dayLabel('en', '2026-11-21T22:30:00Z', now)).toBe('Yesterday');
  });
  it('then names the day', () => expect(dayLabel('en', '2026-11-19T09:00:00Z', now)).toBe('Thursday, November 19'));
  it('in German', () => expect(dayLabel('de', '2026-11-22T09:00:00Z', now)).toBe('Heute'));
});

it("knows Go's zero time", () => {
  expect(isZero('0001-01-01T00:00:00Z')).toBe(true);
  expect(isZero(undefined)).toBe(true);
  expect(isZero('2026-11-22T10:00:00Z')).toBe(false);
});

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1_500, '1.5 kB'],
  [184_000, '184 kB'],
  [40_000_000, '40 MB'],
])('%d bytes', (n, text) => expect(bytes('en', n)).toBe(text));

describe('when', () => {
  const plain = (s: string) => s.replace(/[\u2009\u202f\u00a0]/g, ' ').replaceAll(' – ', '–'); // versions of ICU differ
  const at = (start: string, end: string | undefined, allDay: boolean, zone = 'Europe/Ljubljana') => plain(when('en-GB', start, end, allDay, zone));
  it('is in the zone of the reader, whatever zone the sender meant', () => {
    expect(at('2026-12-03T15:00:00Z', '2026-12-03T16:30:00Z', false)).toBe('Thu, 3 December 2026, 16:00–17:30 CET');
    expect(at('2026-12-03T15:00:00Z', '2026-12-03T16:30:00Z', false, 'America/New_York')).toBe('Thu, 3 December 2026, 10:00–11:30 GMT-5');
  });
  it('names both days of what goes over midnight', () =>
    expect(at('2026-12-03T22:00:00Z', '2026-12-04T01:00:00Z', false)).toMatch(/3 December.+4 December/));
  it('reads whole days in no zone: the day behind the last one is not part of it', () => {
    expect(at('2026-12-03T00:00:00Z', '2026-12-04T00:00:00Z', true, 'America/New_York')).toBe('Thu, 3 December 2026');
    expect(at('2026-12-03T00:00:00Z', '2026-12-06T00:00:00Z', true)).toMatch(/3.+5 December 2026/);
    expect(at('2026-12-03T00:00:00Z', '0001-01-01T00:00:00Z', true)).toBe('Thu, 3 December 2026');
  });
  it('takes no end, and an end before the start, for none', () => {
    expect(at('2026-12-03T15:00:00Z', undefined, false)).toBe('Thu, 3 December 2026 at 16:00 CET');
    expect(at('2026-12-03T15:00:00Z', '2026-12-03T14:00:00Z', false)).toBe('Thu, 3 December 2026 at 16:00 CET');
  });
});

describe('leaf', () => {
  it('is the day where the reader is', () => {
    expect(leaf('en', '2026-12-31T23:30:00Z', false, 'Europe/Ljubljana')).toEqual({ day: '1', month: 'Jan' });
    expect(leaf('de', '2026-12-03T00:00:00Z', true, 'America/New_York')).toEqual({ day: '3', month: 'Dez' });
  });
});
