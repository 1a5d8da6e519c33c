/**
 * Times as people read them, through Intl.
 * Owns: rounding and which form fits. Never: the clock (now is always given). Imported by: inbox.
 */
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Go's zero time or nothing. */
export function isZero(iso: string | undefined): boolean {
  return !iso || iso.startsWith('0001-');
}

function startOfDay(t: number): number {
  const d = new Date(t);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}

/** Calendar days from a to b in the local time zone. */
export function daysBetween(a: number, b: number): number {
  return Math.round((startOfDay(b) - startOfDay(a)) / day);
}

function unit(locale: string, n: number, u: 'minute' | 'hour' | 'day'): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit: u, unitDisplay: 'narrow' }).format(n);
}

/** A length of time in its largest unit: "4m", "2h", "3d"; under a minute "0m". `ms` may be negative for clocks that differ: it counts as 0. */
export function span(locale: string, ms: number): string {
  const t = Math.max(0, ms);
  if (t < hour) return unit(locale, Math.floor(t / minute), 'minute');
  if (t < 2 * day) return unit(locale, Math.floor(t / hour), 'hour');
  return unit(locale, Math.floor(t / day), 'day');
}

/** When, for a row of a list: "now", "4m", "2h", then a date. */
export function ago(locale: string, iso: string, now: number): string {
  const t = Date.parse(iso);
  if (now - t < minute) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(0, 'second');
  if (now - t < day) return span(locale, now - t);
  const sameYear = new Date(t).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(t);
}

/** The time of day: "10:02". */
export function clock(locale: string, iso: string): string {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(Date.parse(iso));
}

/** A moment of the next days: "Mon 09:00", later "4 Dec". */
export function short(locale: string, iso: string, now = Date.now()): string {
  const t = Date.parse(iso);
  const soon = t - now < 6 * day;
  return new Intl.DateTimeFormat(locale, soon ? { weekday: 'short', hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' }).format(
    t,
  );
}

/** Date and time in full, for titles and details. */
export function full(locale: string, iso: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(iso));
}

/** The label of a day: "Today", "Yesterday", then the date. */
export function dayLabel(locale: string, iso: string, now: number): string {
  const t = Date.parse(iso);
  const back = daysBetween(t, now);
  if (back === 0 || back === 1) {
    const word = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-back, 'day');
    return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
  }
  const sameYear = new Date(t).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(t);
}

const spoken = { weekday: 'short', year: 'numeric', month: 'long', day: 'numeric' } as const;

/** When something takes place, in the time zone of the reader (or `zone`). Of days, `end` is the first one after it; a zero end is none. */
export function when(locale: string, start: string, end: string | undefined, allDay: boolean, zone?: string): string {
  const from = Date.parse(start);
  const to = isZero(end) ? from : Date.parse(end ?? '');
  const f = allDay
    ? new Intl.DateTimeFormat(locale, { ...spoken, timeZone: 'UTC' })
    : new Intl.DateTimeFormat(locale, { ...spoken, hour: '2-digit', minute: '2-digit', timeZoneName: 'short', timeZone: zone });
  const last = allDay ? to - day : to;
  return last > from ? f.formatRange(from, last) : f.format(from);
}

/** Day and month of a calendar leaf: "24" and "Nov". */
export function leaf(locale: string, start: string, allDay: boolean, zone?: string): { day: string; month: string } {
  const timeZone = allDay ? 'UTC' : zone;
  const at = Date.parse(start);
  return {
    day: new Intl.DateTimeFormat(locale, { day: 'numeric', timeZone }).formatToParts(at).find((p) => p.type === 'day')?.value ?? '',
    month: new Intl.DateTimeFormat(locale, { month: 'short', timeZone }).format(at),
  };
}

/** Bytes in SI units: "184 kB". */
export function bytes(locale: string, n: number): string {
  const steps = [
    ['byte', 1],
    ['kilobyte', 1e3],
    ['megabyte', 1e6],
    ['gigabyte', 1e9],
  ] as const;
  const [u, size] = steps.findLast(([, s]) => n >= s) ?? steps[0];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: u,
    unitDisplay: 'short',
    maximumFractionDigits: n / size < 10 && size > 1 ? 1 : 0,
  }).format(n / size);
}
