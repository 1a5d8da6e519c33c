import { expect, it } from 'vitest';
import { localTime } from './localtime';

const noon = Date.UTC(2026, 10, 26, 12);

it('says what the clock shows there', () => {
  expect(localTime('en-GB', 'Asia/Tokyo', noon)).toBe('Thu 21:00');
  expect(localTime('en-GB', 'America/Los_Angeles', noon)).toBe('Thu 04:00');
});
it('is empty where there is no such zone', () => {
  expect(localTime('en-GB', '', noon)).toBe('');
  expect(localTime('en-GB', 'Atlantis', noon)).toBe('');
});
