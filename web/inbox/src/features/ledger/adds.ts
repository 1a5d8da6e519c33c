/**
 * The arithmetic of the ledger: does every mail that was accepted stand in one column?
 * Owns: the sum and what is wrong with it. Never: showing. Imported by: LedgerPage.
 */
import type { LedgerDay } from '~core/wire';

export const outcomes = ['threaded', 'filtered', 'quarantined', 'dropped', 'underway'] as const;

/** Mails that stand in no column (more than 0) or in too many (less); 0 if it adds up. A column below nothing counts as one too many. */
export function missing(d: LedgerDay): number {
  const sum = outcomes.reduce((n, o) => n + Math.max(0, d[o]), 0);
  return d.accepted - sum;
}
