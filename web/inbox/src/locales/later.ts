/**
 * Texts of the settings come with their pages, so that an inbox need not wait for them: in English, which is built in. Each prefix here is named
 * by pages of the settings alone; locales.test.ts holds that.
 */
export const later = [
  'changes',
  'channel',
  'channels',
  'chats',
  'colour',
  'hours',
  'imports',
  'inboxes',
  'members',
  'order',
  'prefs',
  'profile',
  'rights',
  'routes',
  'setup',
  'snippets',
  'teams',
];

/** The part of some messages that comes later, or the one that does not. */
export function partOf(messages: Record<string, string>, part: 'first' | 'later'): Record<string, string> {
  const comes = (key: string) => later.includes(key.split('.')[0] ?? '');
  return Object.fromEntries(Object.entries(messages).filter(([key]) => comes(key) === (part === 'later')));
}
