/**
 * What of a plain-text mail is new, and what quotes the thread.
 * Owns: the split for reading. Never: changing what is stored. Imported by: thread pane.
 */
export interface Split {
  fresh: string;
  quoted: string;
}

const attribution = /(wrote|schrieb|writes|a écrit|escribió|ha scritto).{0,80}:\s*$/i;

const opening = /^\s*(On|Am|Le|El|Il)\b/;

/** Splits off the quoted tail: lines that begin with ">", blank lines among them and the attribution above. All of it stays in `fresh` when nothing else is left. */
export function splitQuote(text: string): Split {
  const lines = text.replace(/\s+$/, '').split('\n');
  let i = lines.length;
  while (i > 0 && /^\s*(>.*)?$/.test(lines[i - 1] ?? '')) i--;
  if (!lines.slice(i).some((l) => l.trimStart().startsWith('>'))) return { fresh: lines.join('\n'), quoted: '' };
  const [above = '', line = ''] = [lines[i - 2], lines[i - 1]];
  if (attribution.test(line)) i -= opening.test(line) || !opening.test(above) ? 1 : 2;
  else if (attribution.test(`${above} ${line}`)) i -= 2;
  const fresh = lines.slice(0, i).join('\n').trimEnd();
  if (fresh === '') return { fresh: lines.join('\n'), quoted: '' };
  return { fresh, quoted: lines.slice(i).join('\n').trim() };
}
