import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLater } from '../../../scripts/words';
import de from './de.json';
import en from './en.json';

const src = new URL('..', import.meta.url).pathname;
const code = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.tsx?$/.test(f) && !f.endsWith('.test.ts'))
  .map((f) => readFileSync(join(src, f), 'utf8'))
  .join('\n');
const holes = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
const base = (k: string) => k.replace(/\.(one|other)$/, '');

describe('locales', () => {
  it('have the same keys', () => expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort()));

  it('have the same placeholders and no empty text', () => {
    const other = de as Record<string, string>;
    const wrong = Object.entries(en).filter(([key, text]) => other[key]?.trim() === '' || holes(other[key] ?? '').join() !== holes(text).join());
    expect(wrong).toEqual([]);
  });

  it('hold every key that the code names', () => {
    const known = new Set(Object.keys(en).flatMap((k) => [k, base(k)]));
    const named = [...code.matchAll(/\bt\(\s*'([\w.]+)'/g), ...code.matchAll(/\bk="([\w.]+)"/g)].map((m) => m[1] ?? '');
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((k) => !known.has(k))).toEqual([]);
  });

  it('hold the words of the first pages apart from those of the pages behind them', () => {
    const first = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((f) => /^(app|ui|features\/(auth|inbox|thread|composer|work|drafts))\/.*\.tsx?$/.test(f) && !f.endsWith('.test.ts'))
      .map((f) => readFileSync(join(src, f), 'utf8'));
    expect(first.length).toBeGreaterThan(80);
    const named = first.flatMap((text) => [...text.matchAll(/['"`]([\w]+\.[\w.]+)/g)].map((m) => m[1] ?? ''));
    const keys = Object.keys(en).flatMap((k) => [k, base(k)]);
    expect(named.filter((k) => isLater(k) && keys.some((key) => key.startsWith(k)))).toEqual([]);
  });

  it('hold no key that nobody names', () => {
    const dynamic = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((m) => m[1] ?? '');
    const unused = Object.keys(en).filter(
      (k) => !code.includes(`'${base(k)}'`) && !code.includes(`"${base(k)}"`) && !dynamic.some((d) => k.startsWith(d)),
    );
    expect(unused).toEqual([]);
  });
});
