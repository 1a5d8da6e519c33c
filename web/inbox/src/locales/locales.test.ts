import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import de from './de.json';
import en from './en.json';
import { later, partOf } from './later';

const src = new URL('..', import.meta.url).pathname;
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f) && !/\.(test|d)\.ts$/.test(f));
const read = (f: string) => readFileSync(join(src, f), 'utf8');
const code = files.map(read).join('\n');
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

  it('of the settings are named nowhere else', () => {
    const pages = /features\/(channels|chats|filters|imports|ledger|profile|routing|setup|team)\/|PrefsPage/;
    const named = files.filter((f) => !pages.test(f)).flatMap((f) => [...read(f).matchAll(/['"`](\w+)\.[\w$]/g)].map((m) => `${f}: ${m[1]}`));
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((n) => later.includes(n.split(': ')[1] ?? ''))).toEqual([]);
    expect({ ...partOf(en, 'first'), ...partOf(en, 'later') }).toEqual(en);
  });

  it('hold no key that nobody names', () => {
    const dynamic = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((m) => m[1] ?? '');
    const unused = Object.keys(en).filter(
      (k) => !code.includes(`'${base(k)}'`) && !code.includes(`"${base(k)}"`) && !dynamic.some((d) => k.startsWith(d)),
    );
    expect(unused).toEqual([]);
  });
});
