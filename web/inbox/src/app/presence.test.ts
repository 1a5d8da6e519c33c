import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PresenceBook } from './presence';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const mara = { kind: 'agent', id: 'u1', name: 'Mara' } as const;

test('typing is believed for a while, once a person, and ends with the message', () => {
  const b = new PresenceBook();
  b.hear({ t: 'typing', thread: 't1', who: mara });
  b.hear({ t: 'typing', thread: 't1', who: { kind: 'visitor' } });
  vi.advanceTimersByTime(3_000);
  b.hear({ t: 'typing', thread: 't1', who: mara });
  expect(b.of('t1').typing.map((w) => w.kind)).toEqual(['visitor', 'agent']);
  vi.advanceTimersByTime(2_001);
  expect(b.of('t1').typing).toEqual([mara]);
  b.wrote('t1', 'agent', 'u2');
  expect(b.of('t1').typing).toEqual([mara]);
  b.wrote('t1', 'agent', 'u1');
  expect(b.of('t1').typing).toEqual([]);
});

test('who views, who is there, what was read', () => {
  const b = new PresenceBook();
  expect(b.hear({ t: 'viewing', thread: 't1', viewers: [mara] })).toBe(true);
  b.hear({ t: 'visitor', thread: 't1', online: true });
  b.hear({ t: 'seen', thread: 't1', seq: 5, who: { kind: 'visitor' } });
  b.hear({ t: 'seen', thread: 't1', seq: 3, who: { kind: 'visitor' } });
  expect(b.of('t1')).toEqual({ viewers: [mara], typing: [], visitor: true, seen: 5 });
  expect(b.hear({ t: 'pong' })).toBe(false);
  b.forget();
  expect(b.of('t1').viewers).toEqual([]);
});
