import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Key } from '~/app/locale';
import { sentence } from './words';

const read = (path: string) => readFileSync(new URL(path, import.meta.url).pathname, 'utf8');
const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('sentence', () => {
  it('says a known code in the reader’s language, with its arguments', () =>
    expect(sentence({ code: 'mx-found', text: 'x', args: { domain: 'a.example' } }, (k, v) => `${k} ${v?.domain}`)).toBe(
      'channel.mx-found a.example',
    ));
  it('says an unknown code in the server’s words', () =>
    expect(sentence({ code: 'of-tomorrow', text: 'The server’s words.' }, (k: Key) => k)).toBe('The server’s words.'));
  it.each(['en', 'de'])('has each code of shared/channel in %s, with the same blanks', (locale) => {
    const ours = JSON.parse(read(`../../locales/${locale}.json`)) as { [key: string]: string };
    const codes = [...read('../../../../../shared/channel/words.go').matchAll(/^\t"([a-z-]+)":\s+"(.*)",$/gm)];
    expect(codes.length).toBeGreaterThan(30);
    expect(
      codes.filter(([, code, text]) => String(blanks(ours[`channel.${code}`] ?? '{none}')) !== String(blanks(text ?? ''))).map((m) => m[1]),
    ).toEqual([]);
  });
});
