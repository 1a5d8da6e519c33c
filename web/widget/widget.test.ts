import { expect, test } from 'vitest';
import { contrast, ink, readable } from './colour';
import de from './locales/de.json';
import en from './locales/en.json';
import { language, translator } from './text';

test('every text is there in both languages', () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    const names = (s: string) => [...s.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();
    expect(names(de[key as keyof typeof de]), key).toEqual(names(text));
  }
});

test('every colour takes an ink that can be read', () => {
  for (let n = 0; n < 0xffffff; n += 70_001) {
    const c = `#${n.toString(16).padStart(6, '0')}`;
    expect(contrast(c, ink(c)), c).toBeGreaterThanOrEqual(4.2);
    expect(contrast(readable(c), '#ffffff'), c).toBeGreaterThanOrEqual(4.5);
  }
});

test('the page says the language, then the browser; the team’s words come first', () => {
  expect(language(['en', 'de'], 'de-AT', ['en'])).toBe('de');
  expect(language(['en', 'de'], '', ['fr', 'de'])).toBe('de');
  expect(language(['en', 'de'], 'fr', [])).toBe('en');
  const t = translator({ en: { a: 'Hi {name}' }, de: { a: 'Hallo {name}' } }, { de: { a: 'Moin {name}' } }, 'de');
  expect(t('a', { name: 'Lena' })).toBe('Moin Lena');
});
