/** Builds the widget beside the inbox: /w.js, the tag's script, and /widget/panel-<hash>.js, the module it fetches. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, type InlineConfig } from 'vite';

const dir = import.meta.dirname;
const out = resolve(dir, '../dist/inbox');

function config(entry: string, format: 'iife' | 'es', define: Record<string, string>): InlineConfig {
  return {
    configFile: false,
    root: dir,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: {
        input: resolve(dir, entry),
        preserveEntrySignatures: format === 'es' ? 'strict' : false,
        output: { format, codeSplitting: false },
      },
    },
  };
}

async function bundle(entry: string, format: 'iife' | 'es', define: Record<string, string> = {}): Promise<string> {
  const built = await build(config(entry, format, define));
  const first = Array.isArray(built) ? built[0] : built;
  if (!first || !('output' in first)) throw new Error(`${entry}: nothing was built`);
  const [chunk, ...more] = first.output;
  if (more.length > 0) throw new Error(`${entry}: more than one file: ${more.map((m) => m.fileName).join(', ')}`);
  return chunk.code;
}

export default async function main(): Promise<void> {
  const panel = await bundle('panel/index.tsx', 'es');
  const name = `widget/panel-${createHash('sha256').update(panel).digest('hex').slice(0, 10)}.js`;
  rmSync(resolve(out, 'widget'), { recursive: true, force: true });
  mkdirSync(resolve(out, 'widget'), { recursive: true });
  writeFileSync(resolve(out, name), panel);
  writeFileSync(resolve(out, 'w.js'), await bundle('loader/index.ts', 'iife', { PANEL: JSON.stringify(`/${name}`) }));
}
