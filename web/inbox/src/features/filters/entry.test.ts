import { describe, expect, it } from 'vitest';
import { entryOf } from './entry';

describe('entryOf', () => {
  it.each([
    ['Lena@Atelier.example', 'lena@atelier.example'],
    ['  shop.example ', 'shop.example'],
    ['@shop.example', 'shop.example'],
    ['shop.example.', 'shop.example'],
    ['Lena Novak <lena@atelier.example>', 'lena@atelier.example'],
    ['mailto:lena@atelier.example', 'lena@atelier.example'],
    ['bücher.example', 'bücher.example'],
    ['a+b@x.co', 'a+b@x.co'],
    ["o'hara@x.co", "o'hara@x.co"],
  ])('%s is %s', (typed, kept) => expect(entryOf(typed)).toBe(kept));
  it.each([
    '',
    'lena',
    '@',
    'lena@',
    '@.example',
    'lena@localhost',
    'a b@x.co',
    'a@x.co, b@x.co',
    'https://x.co',
    '-x.co',
    'x..co',
    'a@@x.co',
    '*.x.co',
  ])('%s is neither', (typed) => expect(entryOf(typed)).toBeUndefined());
});
