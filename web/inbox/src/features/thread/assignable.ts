import type { User } from '~core/wire';

/** Whom a conversation can be given to, oneself first. Who was disabled keeps their name on old entries and gets nothing new. */
export function assignable(users: User[], me: string): User[] {
  return users.filter((u) => !u.disabled).sort((x, y) => Number(y.id === me) - Number(x.id === me) || x.name.localeCompare(y.name));
}
