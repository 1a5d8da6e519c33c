import { expect, test } from 'vitest';
import type { Inbox, Team } from '~core/wire';
import { assignable, teamsOf } from './assignable';

const user = (id: string, name: string, disabled?: boolean) => ({ id, name, email: `${id}@parley.example`, role: 'agent' as const, disabled });

test('oneself first, then by name, nobody who was disabled', () => {
  const users = [user('n', 'Noah'), user('i', 'Ida', true), user('m', 'Mara'), user('a', 'Ada', false)];
  expect(assignable(users, 'm').map((u) => u.name)).toEqual(['Mara', 'Ada', 'Noah']);
  expect(assignable(users, 'i').map((u) => u.name)).toEqual(['Ada', 'Mara', 'Noah']);
});

test('nobody who may only look', () => {
  const users = [user('n', 'Noah'), { ...user('v', 'Vera'), role: 'viewer' as const }];
  expect(assignable(users, 'n').map((u) => u.name)).toEqual(['Noah']);
});

test('the teams of an inbox', () => {
  const team = (id: string, name: string): Team => ({ id, name, members: [] });
  const inbox = (members: Inbox['members']) => ({ id: 'x', name: 'X', accounts: [], works: true, members }) as Inbox;
  const teams = [team('s', 'Sales'), team('b', 'Billing')];
  expect(teamsOf(teams, inbox({ everyone: true })).map((g) => g.name)).toEqual(['Billing', 'Sales']);
  expect(teamsOf(teams, inbox({ everyone: false, teams: ['s'] })).map((g) => g.name)).toEqual(['Sales']);
});
