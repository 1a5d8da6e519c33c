/**
 * What may stand on a list of senders: an address or a domain.
 * Owns: telling them apart and refusing what is neither, before the server does. Never: the lists. Imported by: FilterList.
 */
const label = /^[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?$/u;

function isDomain(s: string): boolean {
  const labels = s.split('.');
  return labels.length > 1 && s.length <= 253 && labels.every((l) => l.length <= 63 && label.test(l));
}

/** The entry as it will be kept, or undefined if it is neither an address nor a domain. "@shop.example" is the domain. */
export function entryOf(typed: string): string | undefined {
  const s = typed
    .trim()
    .toLowerCase()
    .replace(/^mailto:/, '')
    .replace(/^.*<([^<>]+)>$/, '$1')
    .replace(/^@/, '')
    .replace(/\.$/, '');
  const at = s.lastIndexOf('@');
  if (at < 0) return isDomain(s) ? s : undefined;
  const local = s.slice(0, at);
  return local !== '' && local.length <= 64 && !/[\s@,;<>]/.test(local) && isDomain(s.slice(at + 1)) ? s : undefined;
}
