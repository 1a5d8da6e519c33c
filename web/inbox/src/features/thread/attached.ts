/**
 * Which of a mail's files are listed under it.
 * Owns: that a picture seen in the text is not a file besides. Never: showing. Imported by: MailCard.
 */
import type { Attachment } from '~core/wire';

export interface Listed extends Attachment {
  /** its place among the attachments, by which the API knows it */
  n: number;
}

/**
 * The files to list. `html` is the mail's HTML as it is shown, undefined while it loads, "" if text is shown. A picture counts as seen if the HTML
 * names its key; while that is not known, if the mail meant it to be.
 */
export function listed(files: readonly Attachment[], html: string | undefined): Listed[] {
  const seen = (f: Attachment) => {
    if (!f.contentId || !f.type.startsWith('image/')) return false;
    return html === undefined ? !!f.inline : f.ref !== '' && html.includes(f.ref);
  };
  return files.map((f, n) => ({ ...f, n })).filter((f) => !seen(f));
}
