import { expect, it } from 'vitest';
import { weekday, zones } from './week';

it('a week begins on Monday', () => {
  expect([1, 5, 7].map((d) => weekday('en-GB', d, 'long'))).toEqual(['Monday', 'Friday', 'Sunday']);
  expect(weekday('de', 1, 'short')).toBe('Mo');
});
it('a zone that the browser does not know is kept', () => {
  expect(zones('Europe/London')).toContain('Europe/London');
  expect(zones('Moon/Tranquility')[0]).toBe('Moon/Tranquility');
});
