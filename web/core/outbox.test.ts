import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './api';
import { head, sent } from './fixtures';
import { type Carrier, type Draft, Outbox, type Sending } from './outbox';
import type { Change } from './wire';

class Memory {
  map = new Map<string, string>();
  getItem = (k: string) => this.map.get(k) ?? null;
  setItem = (k: string, v: string) => void this.map.set(k, v);
  removeItem = (k: string) => void this.map.delete(k);
  clear = () => this.map.clear();
  key = () => null;
  length = 0;
}

const draft = (text: string, thread = 't1'): Draft => ({ thread, kind: 'reply', text, seq: 2, letter: { text, to: [{ email: 'l@x.example' }] } });
const change: Change = { entries: [sent(3, 'x')], thread: head('t1') };
const offline = () => new ApiError(0, 'offline', 'gone');

function setup(send: Carrier['send'], store = new Memory()) {
  const carrier = { send: vi.fn(send), note: vi.fn(async () => change) };
  const done = vi.fn();
  return { carrier, done, store, outbox: new Outbox(carrier, done, store) };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('outbox', () => {
  it('shows at once, hands on the answer, then leaves', async () => {
    const { outbox, done, carrier } = setup(async () => change);
    const key = outbox.add(draft('Hello'));
    expect(outbox.snapshot()[0]?.state).toBe('sending');
    await settle();
    expect(carrier.send).toHaveBeenCalledWith('t1', { text: 'Hello', to: [{ email: 'l@x.example' }] }, key);
    expect(done).toHaveBeenCalledTimes(1);
    expect(outbox.snapshot()).toEqual([]);
  });

  it('waits offline and goes out by itself under the same key', async () => {
    let fail = 2;
    const { outbox, carrier } = setup(async () => {
      if (fail-- > 0) throw offline();
      return change;
    });
    const key = outbox.add(draft('Hello'));
    await settle();
    expect(outbox.snapshot()[0]).toMatchObject({ state: 'waiting', attempts: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(outbox.snapshot()[0]?.attempts).toBe(2);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(outbox.snapshot()).toEqual([]);
    expect(carrier.send.mock.calls.map((c) => c[2])).toEqual([key, key, key]);
  });

  it('goes at once when the line is back', async () => {
    let down = true;
    const { outbox } = setup(async () => {
      if (down) throw offline();
      return change;
    });
    outbox.add(draft('Hello'));
    await settle();
    down = false;
    outbox.flush();
    await settle();
    expect(outbox.snapshot()).toEqual([]);
  });

  it('keeps the order of a thread and does not hold up others', async () => {
    const order: string[] = [];
    let first = true;
    const { outbox } = setup(async (id, { text }) => {
      if (text === 'one' && first) {
        first = false;
        throw offline();
      }
      order.push(`${id}:${text}`);
      return change;
    });
    outbox.add(draft('one'));
    outbox.add(draft('two'));
    outbox.add(draft('other', 't2'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(order).toEqual(['t2:other', 't1:one', 't1:two']);
  });

  it('fails for good on what the server refuses, with its words, until a person retries', async () => {
    let refuse = true;
    const { outbox, carrier } = setup(async () => {
      if (refuse) throw new ApiError(422, 'invalid', 'cc: not an address');
      return change;
    });
    const key = outbox.add(draft('Hello'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outbox.snapshot()[0]).toMatchObject({ state: 'failed', reason: 'cc: not an address' });
    expect(carrier.send).toHaveBeenCalledTimes(1);
    refuse = false;
    outbox.retry(key);
    await settle();
    expect(outbox.snapshot()).toEqual([]);
  });

  it('waits as long as the server asks', async () => {
    let busy = true;
    const { outbox, carrier } = setup(async () => {
      if (busy) throw new ApiError(503, 'busy', 'busy', '', 7);
      return change;
    });
    outbox.add(draft('Hello'));
    await vi.advanceTimersByTimeAsync(6_900);
    expect(carrier.send).toHaveBeenCalledTimes(1);
    busy = false;
    await vi.advanceTimersByTimeAsync(200);
    expect(outbox.snapshot()).toEqual([]);
  });

  it('survives a reload with its key', async () => {
    const before = setup(() => new Promise<Change>(() => {}));
    const key = before.outbox.add(draft('Hello'));
    await settle();
    const after = setup(async () => change, before.store);
    expect(after.outbox.snapshot()[0]).toMatchObject({ key, state: 'waiting', text: 'Hello' });
    after.outbox.flush();
    await settle();
    expect(after.carrier.send.mock.calls[0]?.[2]).toBe(key);
    expect((JSON.parse(before.store.getItem('parley.outbox') ?? '') as Sending[]).length).toBe(0);
  });

  it('gives the text back when discarded, and goes on', async () => {
    const { outbox, carrier } = setup(async (_, { text }) => {
      if (text === 'bad') throw new ApiError(422, 'invalid', 'no');
      return change;
    });
    const key = outbox.add(draft('bad'));
    await settle();
    expect(outbox.discard(key)?.text).toBe('bad');
    outbox.add(draft('good'));
    await settle();
    expect(carrier.send).toHaveBeenCalledTimes(2);
    expect(outbox.snapshot()).toEqual([]);
  });
});
