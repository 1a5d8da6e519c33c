import { describe, expect, it } from 'vitest';
import { pickLocale, translator } from './i18n';
import { hue, initials } from './person';
import { challenge } from './session';

describe('translator', () => {
  const { t, pieces } = translator('en', { hi: 'Hi {name}!', 'n.one': '{count} file', 'n.other': '{count} files' });
  it('fills in', () => expect(t('hi', { name: 'Mara' })).toBe('Hi Mara!'));
  it('chooses the plural', () => expect([0, 1, 2].map((count) => t('n', { count }))).toEqual(['0 files', '1 file', '2 files']));
  it('gives pieces', () => expect(pieces('hi', { name: 'Mara' })).toEqual([{ text: 'Hi ' }, { text: 'Mara', name: 'name' }, { text: '!' }]));
  it('refuses an unknown key', () => expect(() => t('nope')).toThrow('no text for nope'));
});

it.each([
  [['de-AT', 'en'], 'de'],
  [['fr', 'de'], 'de'],
  [['fr'], 'en'],
  [['', 'en-GB'], 'en'],
])('%j gets %s', (wanted, got) => expect(pickLocale(wanted, ['en', 'de'])).toBe(got));

it.each([
  ['Lena Novak', '', 'LN'],
  ['Mara', '', 'M'],
  ['"Support" via X', '', 'VX'],
  ['', 'lena@x.example', 'L'],
  ['', '', '?'],
  ['Åsa Ångström', '', 'ÅÅ'],
  ['山田 太郎', '', '山太'],
])('initials of %s <%s> are %s', (name, address, want) => expect(initials(name, address)).toBe(want));

it('a hue is stable and one of six', () => {
  const hues = Array.from({ length: 200 }, (_, i) => hue(`contact-${i}`));
  expect(new Set(hues)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  expect(hue('c1')).toBe(hue('c1'));
});

it('computes the challenge of RFC 7636 appendix B', async () =>
  expect(await challenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'));
