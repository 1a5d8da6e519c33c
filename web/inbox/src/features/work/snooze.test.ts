import { expect, it } from 'vitest';
import { localInput, snoozeTimes } from './snooze';

const of = (d: Date) => Object.fromEntries(snoozeTimes(d).map((x) => [x.key, localInput(x.at)]));

it('offers times after the moment, each once', () => {
  expect(of(new Date(2026, 10, 26, 14, 7))).toEqual({
    later: '2026-11-26T17:15',
    tomorrow: '2026-11-27T09:00',
    weekend: '2026-11-30T09:00',
    week: '2026-12-03T09:00',
  });
  expect(of(new Date(2026, 10, 29, 23, 50))).toEqual({ later: '2026-11-30T03:00', tomorrow: '2026-11-30T09:00', week: '2026-12-06T09:00' }); // a Sunday
  expect(of(new Date(2026, 10, 30, 8, 0))).toEqual({ later: '2026-11-30T11:00', tomorrow: '2026-12-01T09:00', weekend: '2026-12-07T09:00' }); // a Monday
});

it('goes over the end of a month and of a year', () => {
  expect(of(new Date(2026, 11, 31, 22, 0)).tomorrow).toBe('2027-01-01T09:00');
});
