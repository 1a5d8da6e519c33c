/** What stands below a message from its beginning, where its writer sees it; and a message as it was, to be written again. */
import { blank, fieldHTML, plainOf, type Written } from '~core/draft';
import type { Sending } from '~core/outbox';
import type { Account, User } from '~core/wire';

/** The writer's own, else the account's. The line "-- " is how mail programs know it (RFC 3676 §4.3). */
export function signatureOf(me: User, account: Account | undefined): string {
  const html = me.signature || account?.signature || '';
  return html ? `<p></p><p>-- </p>${html}` : '';
}

export function restored(item: Sending): Written {
  const l = item.letter;
  const html = fieldHTML(l?.html ?? '');
  return {
    ...blank,
    html,
    text: html ? plainOf(html) : item.text,
    to: l?.to,
    cc: l?.cc,
    bcc: l?.bcc,
    files: l?.attachments ?? [],
    forwards: l?.forwards ?? 0,
    leaveOut: l?.leaveOut ?? [],
  };
}
