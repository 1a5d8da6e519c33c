import { expect, test } from 'vitest';
import { assignable } from './assignable';

const user = (id: string, name: string, disabled?: boolean) => ({ id, name, email: `${id}@parley.example`, role: 'agent' as const, disabled });

test('oneself first, then by name, nobody who was disabled', () => {
  const users = [user('n', 'Noah'), user('i', 'Ida', true), user('m', 'Mara'), user('a', 'Ada', false)];
  expect(assignable(users, 'm').map((u) => u.name)).toEqual(['Mara', 'Ada', 'Noah']);
  expect(assignable(users, 'i').map((u) => u.name)).toEqual(['Ada', 'Mara', 'Noah']);
});
