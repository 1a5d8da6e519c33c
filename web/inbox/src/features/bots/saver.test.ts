import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '~core/api';
import { Saver } from './saver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that answers when told to. */
function server() {
  const asked: { value: string; revision: number; answer: (err?: unknown) => void }[] = [];
  const save = (value: string, revision: number) =>
    new Promise<{ revision: number }>((resolve, reject) => {
      asked.push({ value, revision, answer: (err) => (err ? reject(err) : resolve({ revision: revision + 1 })) });
    });
  return { asked, save };
}

it('saves once what is typed quickly, and then what was typed meanwhile', async () => {
  const { asked, save } = server();
  const s = new Saver(4, save, () => {});
  s.put('a');
  s.put('ab');
  expect(s.state).toBe('unsaved');
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.map((a) => a.value)).toEqual(['ab']);
  expect(s.state).toBe('saving');
  s.put('abc');
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.length).toBe(1);
  asked[0]?.answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.map((a) => [a.value, a.revision])).toEqual([
    ['ab', 4],
    ['abc', 5],
  ]);
  asked[1]?.answer();
  await vi.advanceTimersByTimeAsync(0);
  expect([s.state, s.revision]).toEqual(['saved', 6]);
});

it('stops at a conflict until it is settled, and keeps ours or theirs', async () => {
  const { asked, save } = server();
  const s = new Saver(1, save, () => {});
  s.put('ours');
  const flushed = s.flush();
  asked[0]?.answer(new ApiError(409, 'conflict', 'Changed.'));
  await flushed;
  expect(s.state).toBe('conflict');
  s.put('ours too');
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.length).toBe(1);
  s.settle(7, true);
  expect(asked[1]).toMatchObject({ value: 'ours too', revision: 7 });
  asked[1]?.answer(new ApiError(409, 'conflict', 'Changed.'));
  await vi.advanceTimersByTimeAsync(0);
  s.settle(9, false);
  expect([s.state, s.revision]).toEqual(['saved', 9]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.length).toBe(2);
});

it('tries again what failed', async () => {
  const { asked, save } = server();
  const s = new Saver(0, save, () => {});
  s.put('x');
  const flushed = s.flush();
  asked[0]?.answer(new ApiError(0, 'offline', 'No answer.'));
  await flushed;
  expect(s.state).toBe('failed');
  const again = s.flush();
  asked[1]?.answer();
  await again;
  expect(s.state).toBe('saved');
});
