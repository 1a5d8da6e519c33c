import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from './api';
import { Holds } from './holds';
import type { Sending } from './outbox';
import type { Change, Delivery } from './wire';

class Memory extends Map<string, string> {
  getItem = (k: string) => this.get(k) ?? null;
  setItem = (k: string, v: string) => void this.set(k, v);
}

const item = { thread: 't1', kind: 'reply', text: 'Hello', seq: 1, key: 'k', at: '', state: 'sending', reason: '', attempts: 1 } as Sending;
const delivery = (state: Delivery['state']) => ({ id: 'd', thread: 't1', seq: 2, state, at: '', attempts: 0, recipients: [] }) as Delivery;
const answer = () =>
  ({
    entries: [{ seq: 2, sent: { held: true }, delivery: { ...delivery('held'), heldUntil: new Date(Date.now() + 10_000).toISOString() } }],
    thread: {},
  }) as unknown as Change;

const server = { release: vi.fn(), withdraw: vi.fn() };
let store: Memory;
let changed: ReturnType<typeof vi.fn>;
const make = () => new Holds(server, changed as never, () => undefined, store as unknown as Storage);

beforeEach(() => {
  vi.useFakeTimers();
  store = new Memory();
  changed = vi.fn();
  server.release.mockReset().mockResolvedValue(delivery('pending'));
  server.withdraw.mockReset().mockResolvedValue({ delivery: delivery('withdrawn'), entries: [], thread: {} });
});
afterEach(() => void vi.useRealTimers());

it('lets a message go when its time has come', async () => {
  const h = make();
  h.add(item, answer());
  await vi.advanceTimersByTimeAsync(9_000);
  expect(server.release).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_100);
  expect(server.release).toHaveBeenCalledWith('t1', 2);
  expect(h.snapshot()).toEqual([]);
});

it('gives back what was written, and then never lets it go', async () => {
  const h = make();
  h.add(item, answer());
  expect(await h.withdraw(h.snapshot()[0] as never)).toBe(item);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.release).not.toHaveBeenCalled();
  expect(changed).toHaveBeenCalledTimes(1);
});

it('says that it was too late', async () => {
  server.withdraw.mockRejectedValue(new ApiError(409, 'conflict', 'on its way'));
  const h = make();
  h.add(item, answer());
  await expect(h.withdraw(h.snapshot()[0] as never)).rejects.toThrow('on its way');
  expect(h.snapshot()).toEqual([]);
});

it('tries again when the line is down, and goes on after a reload', async () => {
  server.release.mockRejectedValueOnce(new ApiError(0, 'offline', ''));
  make().add(item, answer());
  const later = make();
  await vi.advanceTimersByTimeAsync(10_100);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(server.release.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(later.snapshot()).toEqual([]);
});

it('takes nothing that is not held', () => {
  const h = make();
  h.add(item, { entries: [{ seq: 2, sent: {}, delivery: delivery('pending') }], thread: {} } as unknown as Change);
  expect(h.snapshot()).toEqual([]);
});
