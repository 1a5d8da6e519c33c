/** Writes a .br beside every text file of a build, for the local runner. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

export default function main(): void {
  for (const name of readdirSync('dist/inbox', { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const file = join('dist/inbox', name);
    const raw = readFileSync(file);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
    writeFileSync(`${file}.br`, brotliCompressSync(raw, { params }));
  }
}
