import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with the one line that CI counts. */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    let failed = 0;
    for (const m of modules) {
      for (const t of m.children.allTests()) {
        if (t.result().state === 'passed') passed++;
        else failed++;
      }
      failed += m.errors().length;
    }
    process.on('exit', () => console.log(`${passed} passed, ${failed} failed`));
  }
}
