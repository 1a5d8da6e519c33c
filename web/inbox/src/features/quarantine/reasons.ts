/**
 * Why a mail was not taken in, in words.
 * Owns: what each reason of ingest means and what one can do. Never: deciding. Imported by: QuarantineRow.
 */
import type { Key } from '~/app/locale';

const known: Record<string, [what: Key, next: Key]> = {
  'no such mailbox': ['parked.stray', 'parked.strayNext'],
  'the mail goes round in circles': ['parked.loop', 'parked.loopNext'],
  'a bounce without a message of ours': ['parked.bounce', 'parked.reportNext'],
  'a complaint without a message of ours': ['parked.complaint', 'parked.reportNext'],
  'a read receipt without a message of ours': ['parked.receipt', 'parked.reportNext'],
};

/** What is the matter and what next; a reason that this page does not know is shown as ingest says it. */
export function parkedText(reason: string, t: (k: Key) => string): { what: string; next: string } {
  const [what, next] = known[reason] ?? [];
  return what && next ? { what: t(what), next: t(next) } : { what: reason, next: t('parked.next') };
}
