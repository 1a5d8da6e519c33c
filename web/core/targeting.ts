/**
 * Which chatflow shows on a page: the rules of shared/chatflow, in the browser.
 * Owns: matching. Never: fetching, DOM. Imported by: widget loader, settings.
 * shared/chatflow/testdata/targeting.json holds both to the same answers.
 */
export interface Condition {
  kind: 'url' | 'query';
  name?: string;
  op: 'is' | 'contains' | 'begins' | 'ends' | 'matches' | 'exists';
  value?: string;
  not?: boolean;
}
export interface Rule {
  conditions: Condition[];
}
export interface Targeting {
  rules?: Rule[];
  exclude?: Rule[];
}

/** Reports whether a targeting shows on the page of this address; never where the address is none of a page. */
export function shows(t: Targeting, page: string): boolean {
  let u: URL;
  try {
    u = new URL(page);
  } catch {
    return false;
  }
  if (!/^https?:$/.test(u.protocol)) return false;
  const fits = (r: Rule) => r.conditions.every((c) => holds(c, u));
  if (t.exclude?.some(fits)) return false;
  return !t.rules?.length || t.rules.some(fits);
}

function holds(c: Condition, u: URL): boolean {
  const not = !!c.not;
  if (c.kind === 'query') {
    const got = u.searchParams.get(c.name ?? '');
    if (c.op === 'exists' || got === null) return (got !== null) !== not;
    return compare(c.op, got, c.value ?? '') !== not;
  }
  let want = (c.value ?? '').trim().replace(/^.*?:\/\//, '');
  const path = u.pathname.replace(/\/+$/, '');
  let have = path;
  if (!want.startsWith('/')) {
    have = u.host + path;
    want = want.replace(/^[^/]*/, (host) => host.toLowerCase());
  }
  const folder = (c.op === 'begins' || c.op === 'contains') && want.endsWith('/');
  return ((!folder && compare(c.op, have, want.replace(/\/+$/, ''))) || compare(c.op, `${have}/`, want)) !== not;
}

function compare(op: Condition['op'], have: string, want: string): boolean {
  if (op === 'is') return have === want;
  if (op === 'contains') return have.includes(want);
  if (op === 'begins') return have.startsWith(want);
  if (op === 'ends') return have.endsWith(want);
  return op === 'matches' && matches(want, have);
}

/** `*` in the pattern stands for any run of characters. No regular expression: patterns of strangers could make one hang. */
function matches(pattern: string, s: string): boolean {
  let p = 0;
  let i = 0;
  let star = -1;
  let from = 0;
  while (i < s.length) {
    if (pattern[p] === '*') {
      star = p++;
      from = i;
    } else if (pattern[p] === s[i]) {
      p++;
      i++;
    } else if (star >= 0) {
      p = star + 1;
      i = ++from;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(p));
}
