/** When a conversation comes back, in the time of whoever puts it off. Pure. */

export type SnoozeKey = 'later' | 'tomorrow' | 'weekend' | 'week';

const at = (now: Date, days: number, hour: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);

/** The times that are offered, soonest first: in three hours, tomorrow at nine, on Monday at nine, in a week. */
export function snoozeTimes(now: Date): { key: SnoozeKey; at: Date }[] {
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const out: { key: SnoozeKey; at: Date }[] = [
    { key: 'later', at: new Date(Math.ceil((now.getTime() + 3 * 3_600_000) / 900_000) * 900_000) }, // on a quarter of an hour
    { key: 'tomorrow', at: at(now, 1, 9) },
    { key: 'weekend', at: at(now, toMonday, 9) },
    { key: 'week', at: at(now, 7, 9) },
  ];
  // Of two that are the same moment, as on a Sunday or a Monday, the first stays.
  return out.filter((x, i) => out.findIndex((y) => y.at.getTime() === x.at.getTime()) === i);
}

/** What an <input type="datetime-local"> wants. */
export function localInput(d: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}
