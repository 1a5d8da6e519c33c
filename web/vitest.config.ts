import { defineConfig } from 'vitest/config';
import { words } from './scripts/words.ts';
import { alias } from './vite.config.ts';

export default defineConfig({
  plugins: [words()],
  resolve: { alias },
  test: {
    include: ['core/**/*.test.ts', 'tokens/**/*.test.ts', 'inbox/src/**/*.test.ts', 'widget/**/*.test.ts'],
    environment: 'node',
    reporters: ['default', './scripts/summary.ts'],
  },
});
