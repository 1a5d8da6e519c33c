import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from './api';
import { blank, plainOf } from './draft';
import { type DraftServer, Keeper } from './keeper';
import type { Draft, DraftBody } from './wire';

class Memory extends Map<string, string> {
  getItem = (k: string) => this.get(k) ?? null;
  setItem = (k: string, v: string) => void this.set(k, v);
  removeItem = (k: string) => void this.delete(k);
}

const place = { thread: 't1', mode: 'reply' } as const;
const conflict = () => new ApiError(412, 'conflict', 'changed');

/** A server with one draft and the rules of If-Match. */
class Server implements DraftServer {
  now: Draft | undefined;
  n = 0;
  fail: Error | undefined;
  slow: Promise<void> | undefined;
  puts: string[] = [];
  putDraft = vi.fn(async (_p: unknown, body: DraftBody, tag: string) => {
    if (this.slow) await this.slow;
    if (this.fail) throw this.fail;
    if ((this.now?.tag ?? '') !== tag) throw conflict();
    this.puts.push(body.text ?? body.html ?? '');
    this.now = { ...body, mode: 'reply', thread: 't1', at: '', tag: `v${++this.n}` } as Draft;
    return this.now;
  });
  removeDraft = vi.fn(async () => {
    this.now = undefined;
  });
  draft = vi.fn(async () => this.now as Draft);
  threadDrafts = vi.fn(async () => (this.now ? [this.now] : []));
}

let server: Server;
let store: Memory;
let keeper: Keeper;
const make = () => new Keeper(server, store as unknown as Storage, plainOf, 100);
const type = (text: string) => keeper.change(place, { text });
const pass = (ms = 150) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  store = new Memory();
  keeper = make();
});
afterEach(() => void vi.useRealTimers());

it('tells the server once the keys rest, and says where the draft is', async () => {
  type('H');
  type('He');
  expect(keeper.get(place).state).toBe('saving');
  await pass();
  expect(server.puts).toEqual(['He']);
  expect(keeper.get(place)).toMatchObject({ state: 'saved', tag: 'v1', dirty: false });
});

it('survives a reload, saved or not', async () => {
  type('Half');
  keeper = make();
  expect(keeper.get(place).written.text).toBe('Half');
  keeper.flush();
  await pass();
  expect(server.puts).toEqual(['Half']);
});

it('sends what was typed while a save was under way', async () => {
  let go = () => {};
  server.slow = new Promise((r) => {
    go = r;
  });
  type('one');
  await pass();
  type('two');
  await pass();
  go();
  await pass(400);
  expect(server.puts).toEqual(['one', 'two']);
  expect(keeper.get(place).state).toBe('saved');
});

it('takes what another browser wrote, if nothing was typed here', async () => {
  server.now = { mode: 'reply', thread: 't1', at: '', tag: 'x9', text: 'From the train' };
  await keeper.load([place]);
  expect(keeper.get(place)).toMatchObject({ tag: 'x9', state: 'saved', written: { text: 'From the train' } });
});

it('asks when both were changed, and follows the answer', async () => {
  for (const [take, want] of [
    ['theirs', 'Theirs'],
    ['mine', 'Mine'],
  ] as const) {
    server = new Server();
    store = new Memory();
    keeper = make();
    server.now = { mode: 'reply', thread: 't1', at: '', tag: 'x9', text: 'Theirs' };
    type('Mine');
    await pass();
    expect(keeper.get(place).theirs?.text).toBe('Theirs');
    expect(server.now.text).toBe('Theirs'); // nothing is overwritten
    keeper.settle(place, take);
    await pass();
    expect(keeper.get(place).written.text).toBe(want);
    expect(server.now?.text).toBe(want);
    expect(keeper.get(place).theirs).toBeUndefined();
  }
});

it('keeps it here while the server cannot be reached, and catches up', async () => {
  server.fail = new ApiError(0, 'offline', '');
  type('In a tunnel');
  await pass();
  expect(keeper.get(place).state).toBe('here');
  server.fail = undefined;
  keeper.flush();
  await pass();
  expect(keeper.get(place).state).toBe('saved');
});

it('gives its tag along when it becomes a message, and is gone', async () => {
  type('Hello');
  await pass();
  expect(keeper.take(place)).toMatchObject({ tag: 'v1', written: { text: 'Hello' } });
  expect(keeper.get(place).written).toBe(blank);
  await pass(1_000);
  expect(server.puts).toEqual(['Hello']);
  expect(server.removeDraft).not.toHaveBeenCalled(); // the message takes it along
});

it('removes the copy that reached the server after the message was made', async () => {
  let go = () => {};
  server.slow = new Promise((r) => {
    go = r;
  });
  type('Hello');
  await pass();
  keeper.take(place);
  go();
  await pass(400);
  expect(server.now).toBeUndefined();
});

it('puts back what was taken back, before what was typed since', async () => {
  type('since');
  keeper.restore(place, { ...blank, text: 'Before' }, '');
  expect(keeper.get(place).written.text).toBe('Before\n\nsince');
});

it('an emptied draft is removed at the server; a signature alone is none', async () => {
  keeper.signature = () => '-- Ada';
  type('Hello');
  await pass();
  type('--\nAda');
  await pass();
  expect(server.now).toBeUndefined();
  expect(keeper.get(place).state).toBe('none');
});

it('throws away here and there', async () => {
  type('Hello');
  await pass();
  await keeper.discard(place);
  expect(server.now).toBeUndefined();
  expect(store.size).toBe(0);
});
