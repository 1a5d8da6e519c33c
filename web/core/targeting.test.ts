import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shows, type Targeting } from './targeting';

const file = new URL('../../shared/chatflow/testdata/targeting.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as { name: string; page: string; targeting: Targeting; shows: boolean }[];

test.each(cases)('$name', (c) => {
  expect(shows(c.targeting, c.page)).toBe(c.shows);
});

test('all the cases the server has', () => {
  expect(cases.length).toBeGreaterThan(30);
});

test('what is no page has no chat', () => {
  for (const page of ['', 'about:blank', 'file:///etc/passwd', 'shop.example']) expect(shows({}, page)).toBe(false);
});
