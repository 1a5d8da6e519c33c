import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { partOf } from './inbox/src/locales/later.ts';

const dir = import.meta.dirname;

export const alias = [
  { find: /^~core\//, replacement: `${resolve(dir, 'core')}/` },
  { find: /^~\//, replacement: `${resolve(dir, 'inbox/src')}/` },
];

/** `x.json?first` and `x.json?later` are the two parts of a file of texts. */
export const parts: Plugin = {
  name: 'parts-of-texts',
  load(id) {
    const [, file, part] = /^(.+\.json)\?(first|later)$/.exec(id) ?? [];
    if (!file) return;
    const messages = partOf(JSON.parse(readFileSync(file, 'utf8')), part as 'first' | 'later');
    return { code: JSON.stringify(messages), moduleType: 'json' };
  },
};

export default defineConfig({
  root: resolve(dir, 'inbox'),
  plugins: [react(), parts],
  resolve: { alias },
  build: {
    outDir: resolve(dir, 'dist/inbox'),
    emptyOutDir: true,
    target: 'es2022',
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
