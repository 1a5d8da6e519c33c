/**
 * Splits each locale in two at the build: the words of the pages that everybody sees first, and those of the pages behind them.
 * Owns: which are which. Imported by: vite.config, the locales' test.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** Beginnings of the keys that only pages outside of the inbox's own use (see their routes' loaders). */
export const later = new Set([
  'articles',
  'bots',
  'changes',
  'channel',
  'channels',
  'chats',
  'colour',
  'companies',
  'filters',
  'hours',
  'imports',
  'inboxes',
  'ledger',
  'lists',
  'members',
  'order',
  'parked',
  'prefs',
  'profile',
  'properties',
  'quarantine',
  'rights',
  'routes',
  'routing',
  'setup',
  'snippets',
  'teams',
]);

export const isLater = (key: string): boolean => later.has(key.split('.')[0] ?? '');

/** Serves `en.json?first` and `en.json?later`. */
export function words(): Plugin {
  return {
    name: 'words',
    enforce: 'pre',
    load(id) {
      const [file, part] = id.split('?');
      if (!file?.endsWith('.json') || (part !== 'first' && part !== 'later')) return null;
      this.addWatchFile(file);
      const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
      const some = Object.fromEntries(all.filter(([key]) => isLater(key) === (part === 'later')));
      return { code: `export default JSON.parse(${JSON.stringify(JSON.stringify(some))})`, moduleType: 'js' };
    },
  };
}
