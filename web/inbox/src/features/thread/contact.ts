/** What a conversation's contact is called. Owns: the name shown for somebody who gave none. Imported by: rows, panes, composer. */
import type { Key } from '~/app/locale';
import type { Summary } from '~core/wire';

export const contactName = (h: Pick<Summary, 'channel' | 'contact'>, t: (k: Key) => string): string =>
  h.contact.name || h.contact.address || t(h.channel === 'chat' ? 'chat.visitor' : 'thread.someone');
