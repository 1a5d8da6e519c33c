/** Holds the budgets of the build, in kB (1000 B) of brotli: the first route, its styles, and what loads later. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
  dynamicImports?: string[];
  isEntry?: boolean;
  src?: string;
}

type Manifest = Record<string, Chunk>;

/** Every chunk that `start` loads by itself. */
function closure(m: Manifest, start: string[], seen = new Set<string>()): Set<string> {
  for (const key of start) {
    if (seen.has(key)) continue;
    seen.add(key);
    closure(m, m[key]?.imports ?? [], seen);
  }
  return seen;
}

function weigh(files: Iterable<string>): number {
  let sum = 0;
  for (const f of new Set(files)) {
    const file = join('dist/inbox', `${f}.br`);
    if (!existsSync(file)) throw new Error(`${file} is missing: run the build first`);
    sum += statSync(file).size;
  }
  return sum / 1000;
}

export default function main(): void {
  const m = JSON.parse(readFileSync('dist/inbox/.vite/manifest.json', 'utf8')) as Manifest;
  const key = (end: string) => Object.keys(m).find((k) => k.endsWith(end)) ?? '';
  const entry = Object.keys(m).filter((k) => m[k]?.isEntry);
  const first = closure(m, [...entry, key('features/inbox/InboxPage.tsx')]);
  const extra = (end: string) => [...closure(m, [key(end)])].filter((k) => !first.has(k));
  const js = (keys: Iterable<string>) => weigh([...keys].map((k) => m[k]?.file ?? ''));
  const css = (keys: Iterable<string>) => weigh([...keys].flatMap((k) => m[k]?.css ?? []));
  const rows: [string, number, number][] = [
    ['first route, JS', js(first), 220],
    ['first route, CSS', css(first), 15],
    ['mail frame, JS', js(extra('features/thread/MailFrame.tsx')), 25],
    ['rich text, JS', js(extra('features/composer/RichText.tsx')), 150],
    ['quarantine, JS', js(extra('features/quarantine/QuarantinePage.tsx')), 25],
  ];
  const panel = readdirSync('dist/inbox/widget').filter((f) => f.endsWith('.js'));
  rows.push(['widget, loader', weigh(['w.js']), 6], ['widget, in all', weigh(['w.js', ...panel.map((f) => `widget/${f}`)]), 20]);
  let over = 0;
  for (const [name, kb, budget] of rows) {
    if (kb > budget || kb === 0) over++;
    console.log(`${name.padEnd(20)} ${kb.toFixed(1).padStart(7)} kB br  of ${budget}${kb > budget ? '  TOO BIG' : ''}`);
  }
  if (over) process.exitCode = 1;
}
