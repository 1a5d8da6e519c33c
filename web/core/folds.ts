/**
 * What of a text is shown, and what is folded.
 * Owns: cutting a text at its folds. Never: deciding what is a quotation; shared/email has. Imported by: thread pane.
 */
import type { Fold } from './api.gen';

export interface Part {
  /** its first line */
  from: number;
  text: string;
  folded: boolean;
}

/** Cuts a text at its folds. Blank lines at the edges of what is shown go; folds that overlap or lie outside the text hide nothing twice. */
export function parts(text: string, folds: readonly Fold[] = []): Part[] {
  const lines = text.split('\n');
  const out: Part[] = [];
  let at = 0;
  const add = (to: number, folded: boolean) => {
    const piece = lines
      .slice(at, to)
      .join('\n')
      .replace(/^(?:[^\S\n]*\n)+|\s+$/g, '');
    if (piece.trim() !== '') out.push({ from: at, text: piece, folded });
    at = Math.max(at, to);
  };
  for (const f of folds) {
    const from = Math.min(Math.max(f.from, at), lines.length);
    add(from, false);
    add(Math.min(Math.max(f.to, from), lines.length), true);
  }
  add(lines.length, false);
  return out.some((p) => !p.folded) ? out : [{ from: 0, text: text.trimEnd(), folded: false }];
}
