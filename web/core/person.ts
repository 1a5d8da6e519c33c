/**
 * How a person looks without a picture: initials and one of six hues.
 * Owns: the choice. Never: colours (tokens.css). Imported by: inbox.
 */

/** One or two letters of a name, else of an address, else "?". */
export function initials(name: string | undefined, address = ''): string {
  const words = (name ?? '')
    .trim()
    .split(/\s+/)
    .filter((w) => /^[\p{L}\p{N}]/u.test(w));
  const first = [...(words[0] ?? '')][0];
  const last = words.length > 1 ? [...(words.at(-1) ?? '')][0] : '';
  const two = first ? first + (last ?? '') : ([...address][0] ?? '?');
  return two.toLocaleUpperCase();
}

/** 1 to 6, always the same for one id (FNV-1a). */
export function hue(id: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  return ((h >>> 0) % 6) + 1;
}
