// Runs a TypeScript script: Node 20 cannot by itself, Vite can.
import { pathToFileURL } from 'node:url';
import { runnerImport } from 'vite';

const file = process.argv[2];
if (!file) throw new Error('usage: node scripts/run.mjs <script.ts> [arguments]');
const { module } = await runnerImport(pathToFileURL(file).pathname, { configFile: false, logLevel: 'error' });
await module.default(process.argv.slice(3));
