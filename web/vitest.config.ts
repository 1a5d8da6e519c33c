import { defineConfig } from 'vitest/config';
import { alias, parts } from './vite.config.ts';

export default defineConfig({
  plugins: [parts],
  resolve: { alias },
  test: {
    include: ['core/**/*.test.ts', 'tokens/**/*.test.ts', 'inbox/src/**/*.test.ts', 'widget/**/*.test.ts'],
    environment: 'node',
    reporters: ['default', './scripts/summary.ts'],
  },
});
