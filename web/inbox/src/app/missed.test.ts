import { QueryClient } from '@tanstack/react-query';
import { afterEach, describe, expect, it } from 'vitest';
import { keys } from '~/app/queries';
import type { Summary } from '~core/wire';
import { Missed } from './missed';

const head = (id: string) => ({ id, inbox: 'in', seq: 2 }) as Summary;
const list = keys.list('in', 'open');
const turn = () => new Promise((r) => setTimeout(r, 0));

/** A server whose answers come when the test says. */
function world() {
  const query = new QueryClient();
  const said: string[] = [];
  const missed = new Missed(query, {
    heads: (key, heads) => said.push(`${key[2]}: ${heads.map((h) => h.id)}`),
    thread: (id) => said.push(`ask ${id}`),
  });
  missed.start();
  let fetched = 0;
  const fetch = (queryKey: readonly unknown[]) => {
    let answer = (_: unknown) => {};
    const queryFn = () => {
      fetched++;
      return new Promise((r) => {
        answer = r;
      });
    };
    const done = query.fetchQuery({ queryKey, queryFn, staleTime: 0 });
    return async (data: unknown) => {
      answer(data);
      await done;
      await turn();
    };
  };
  return { query, missed, said, fetch, fetched: () => fetched };
}

const open: { stop(): void }[] = [];
afterEach(() => {
  for (const m of open.splice(0)) m.stop();
});

describe('what an answer does not know', () => {
  it('is put in after it: heads that came while the list was on its way', async () => {
    const w = world();
    open.push(w.missed);
    const answer = w.fetch(list);
    w.missed.heard(list, head('a'));
    w.missed.heard(list, head('b'));
    expect(w.said).toEqual([]);
    await answer({ pages: [], pageParams: [] });
    expect(w.said).toEqual(['open: a,b']);
    await w.fetch(list)({ pages: [], pageParams: [] });
    expect(w.said).toHaveLength(1);
  });

  it('is not repeated for a list that rested: the frame changed it already', async () => {
    const w = world();
    open.push(w.missed);
    await w.fetch(list)({ pages: [], pageParams: [] });
    w.missed.heard(list, head('a'));
    await w.fetch(list)({ pages: [], pageParams: [] });
    expect(w.said).toEqual([]);
  });

  it('is asked for after a thread was fetched, not after the page changed it itself', async () => {
    const w = world();
    open.push(w.missed);
    await w.fetch(keys.thread('t'))({ entries: [] });
    expect(w.said).toEqual(['ask t']);
    w.query.setQueryData(keys.thread('t'), { entries: [1] });
    await turn();
    expect(w.said).toEqual(['ask t']);
  });

  it('is read again when the first watches stand, also what was on its way then', async () => {
    const w = world();
    open.push(w.missed);
    await w.fetch(list)({ pages: [], pageParams: [] });
    const answer = w.fetch(keys.counts('in'));
    await w.fetch(keys.thread('t'))({ entries: [] });
    w.said.length = 0;
    w.missed.all();
    await turn();
    const stale = (key: readonly unknown[]) => w.query.getQueryState(key)?.isInvalidated;
    expect(stale(list)).toBe(true);
    expect(w.said).toEqual(['ask t']);
    expect(stale(keys.counts('in'))).toBe(false);
    await answer({});
    expect(stale(keys.counts('in'))).toBe(true);
  });
});
