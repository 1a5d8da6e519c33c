import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Key } from '~/app/locale';
import { parkedText } from './reasons';

const t = (k: Key) => k;

describe('parkedText', () => {
  it('has words for a reason that it knows', () =>
    expect(parkedText('no such mailbox', t)).toEqual({ what: 'parked.stray', next: 'parked.strayNext' }));
  it('shows one that it does not know as it is', () =>
    expect(parkedText('A new reason.', t)).toEqual({ what: 'A new reason.', next: 'parked.next' }));
  it('knows reasons by the words that ingest uses', () => {
    const dir = new URL('../../../../../functions/ingest/', import.meta.url).pathname;
    const go = readdirSync(dir)
      .filter((f) => f.endsWith('.go') && !f.endsWith('_test.go'))
      .map((f) => readFileSync(dir + f, 'utf8'))
      .join('\n');
    const ours = readFileSync(new URL('./reasons.ts', import.meta.url), 'utf8');
    const known = [...ours.matchAll(/^ {2}'(.+)': \[/gm)].map((m) => m[1] ?? '');
    expect(known.length).toBeGreaterThan(2);
    const said = (reason: string) =>
      go.includes(`"${reason}"`) || (go.includes('"%s without a message of ours"') && go.includes(`"${reason.split(' without ')[0]}"`));
    expect(known.filter((k) => !said(k))).toEqual([]);
  });
});
