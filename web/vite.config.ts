import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { words } from './scripts/words.ts';

const dir = import.meta.dirname;

export const alias = [
  { find: /^~core\//, replacement: `${resolve(dir, 'core')}/` },
  { find: /^~\//, replacement: `${resolve(dir, 'inbox/src')}/` },
];

export default defineConfig({
  root: resolve(dir, 'inbox'),
  plugins: [words(), react()],
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
