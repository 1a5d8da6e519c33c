import { describe, expect, it } from 'vitest';
import { ago, bytes, dayLabel, isZero, span } from './time';

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
