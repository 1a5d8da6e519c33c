import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.spec.ts'],
    environment: 'node',
    // In CI a test may fail once: a browser on a shared machine stalls now and then. The report says which did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 90_000,
    hookTimeout: 180_000,
    // Each file has a Parley of its own; most of its time it waits. Two at a time keep two cores busy.
    maxWorkers: 2,
    reporters: ['verbose', './scripts/summary.ts'],
  },
});
