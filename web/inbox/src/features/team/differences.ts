/** What differs between two states of a setting, by the names of its fields. Pure. */
export interface Difference {
  name: string;
  before: string;
  after: string;
}

/** Bookkeeping of the store, which says nothing to a reader. */
const own = new Set(['revision', 'version', 'edition', 'id']);

/** A list of bare values reads as one; what is deeper, as it is stored. */
function said(v: unknown): string {
  if (v === undefined || v === null || v === '') return '';
  if (Array.isArray(v) && v.every((x) => typeof x !== 'object')) return v.join(', ');
  return typeof v === 'object' ? JSON.stringify(v) : String(v);
}

export function differences(before: unknown, after: unknown): Difference[] {
  const fields = (x: unknown): Record<string, unknown> =>
    x && typeof x === 'object' && !Array.isArray(x) ? (x as Record<string, unknown>) : x === undefined || x === null ? {} : { '': x };
  const a = fields(before);
  const b = fields(after);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((k) => !own.has(k) && said(a[k]) !== said(b[k]))
    .map((name) => ({ name, before: said(a[name]), after: said(b[name]) }));
}
