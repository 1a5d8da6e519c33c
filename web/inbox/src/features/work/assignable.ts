import type { Inbox, Team, User } from '~core/wire';

/** Whom a conversation can be given to, oneself first. Who was disabled keeps their name on old entries and gets nothing new; a viewer only looks. */
export function assignable(users: User[], me: string): User[] {
  return users
    .filter((u) => !u.disabled && u.role !== 'viewer')
    .sort((x, y) => Number(y.id === me) - Number(x.id === me) || x.name.localeCompare(y.name));
}

/** The teams of an inbox. One that everybody belongs to has all of them. */
export function teamsOf(teams: Team[], inbox: Inbox | undefined): Team[] {
  const of = inbox && !inbox.members.everyone ? (inbox.members.teams ?? []) : undefined;
  return teams.filter((g) => !of || of.includes(g.id)).sort((x, y) => x.name.localeCompare(y.name));
}
