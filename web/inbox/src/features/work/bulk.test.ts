import { expect, it } from 'vitest';
import type { BulkChange, BulkResult } from '~core/wire';
import { changeMany } from './bulk';

const ids = Array.from({ length: 230 }, (_, i) => `t${i}`);

it('asks in parts of a hundred and keeps the order', async () => {
  const sizes: number[] = [];
  const api = {
    bulk: (threads: string[], change: BulkChange): Promise<BulkResult[]> => {
      sizes.push(threads.length);
      expect(change).toEqual({ status: 'closed' });
      return Promise.resolve(threads.map((thread) => ({ thread })));
    },
  };
  expect((await changeMany(api, ids, { status: 'closed' })).map((r) => r.thread)).toEqual(ids);
  expect(sizes).toEqual([100, 100, 30]);
});

it('says of what it did not reach that it failed, and why', async () => {
  let n = 0;
  const api = {
    bulk: (threads: string[]): Promise<BulkResult[]> =>
      ++n === 2 ? Promise.reject(new Error('gone')) : Promise.resolve(threads.map((thread) => ({ thread }))),
  };
  const out = await changeMany(api, ids, { status: 'closed' });
  expect(out).toHaveLength(230);
  expect(out.filter((r) => r.code).map((r) => r.detail)).toEqual(Array.from({ length: 130 }, () => 'gone'));
});

it('fails as a whole if nothing was changed', async () => {
  await expect(changeMany({ bulk: () => Promise.reject(new Error('no')) }, ids, { status: 'closed' })).rejects.toThrow('no');
});
