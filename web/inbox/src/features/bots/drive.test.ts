import { expect, it } from 'vitest';
import type { BotEffect, BotSession, Driven } from '~core/wire';
import { elsewhere, shownOf, stepAt } from './drive';

const session = (p: Partial<BotSession>): BotSession => ({ flow: 'f', version: 0, number: 1, state: 'waiting', at: '', since: '', ...p });
const effect = (id: string, kind: BotEffect['kind']): BotEffect => ({ id, kind, step: 's' });
const record = (turn: Driven['turns'][number]['turn'], input: Partial<Driven['turns'][number]['input']> = {}) => ({
  flow: 'f',
  version: 0,
  input: { at: '', kind: 'say' as const, ...input },
  turn,
});

it('shows lines and effects in their order, an awaited one once and with what failed', () => {
  const owed = effect('e1', 'webhook');
  const turns = [
    record({
      session: session({ state: 'working', effect: owed }),
      lines: [{ step: 's', text: 'One moment.' }],
      effects: [effect('e0', 'tag'), owed],
    }),
    record(
      { session: session({ state: 'completed' }), lines: [{ step: 'x', text: 'Sorry.' }] },
      { kind: 'result', result: { effect: 'e1', failed: 'No answer.' } },
    ),
  ];
  expect(shownOf({ turns }).map((x) => (x.of === 'bot' ? x.line.text : x.of === 'effect' ? `${x.effect.id} ${x.failed ?? ''}` : x.of))).toEqual([
    'One moment.',
    'e0 ',
    'e1 No answer.',
    'Sorry.',
  ]);
  expect(shownOf({ turns: [record({ session: session({ effect: owed }) })] })).toEqual([{ of: 'effect', effect: owed }]);
});

it('says where the walk stands', () => {
  const turns = [record({ session: session({}), marks: [{ kind: 'reached', step: 'a' }, { kind: 'reached', step: 'b' }, { kind: 'completed' }] })];
  expect(stepAt({ session: session({ step: 'q' }), turns })).toBe('q');
  expect(stepAt({ session: session({}), turns })).toBe('b');
  expect(elsewhere({ session: session({}) }, { id: 'f' })).toBe(false);
  expect(elsewhere({ session: session({ flow: 'g', version: 3 }) }, { id: 'f' })).toBe(true);
});
