/** What is typed and not yet sent, kept for each thread in this tab. */
export type Mode = 'reply' | 'note';

export interface Draft {
  mode: Mode;
  reply: string;
  note: string;
  cc: string;
}

const empty: Draft = { mode: 'reply', reply: '', note: '', cc: '' };
const key = (thread: string) => `parley.draft.${thread}`;

export function loadDraft(thread: string): Draft {
  try {
    return { ...empty, ...(JSON.parse(sessionStorage.getItem(key(thread)) ?? '{}') as Partial<Draft>) };
  } catch {
    return empty;
  }
}

export function saveDraft(thread: string, d: Draft): void {
  if (d.reply || d.note || d.cc) sessionStorage.setItem(key(thread), JSON.stringify(d));
  else sessionStorage.removeItem(key(thread));
}

/** Addresses of a line: "a@x.example, B <b@x.example>". */
export function addresses(line: string): { name?: string; email: string }[] {
  return line
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const m = /^(.*?)\s*<([^<>]+)>$/.exec(part);
      return m?.[2] ? { ...(m[1] ? { name: m[1].replace(/^"|"$/g, '') } : {}), email: m[2].trim() } : { email: part };
    });
}
