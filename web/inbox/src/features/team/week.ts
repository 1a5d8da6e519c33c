/** Days of the week, 1 (Monday) to 7 (Sunday), in words. */
export const days = [1, 2, 3, 4, 5, 6, 7] as const;

export function weekday(locale: string, day: number, length: 'short' | 'long'): string {
  return new Intl.DateTimeFormat(locale, { weekday: length, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day)); // 1 January 2024 was a Monday
}

/** Every time zone that this browser knows; the given one first if it knows it not. */
export function zones(given: string): string[] {
  const all = Intl.supportedValuesOf('timeZone');
  return given && !all.includes(given) ? [given, ...all] : all;
}
