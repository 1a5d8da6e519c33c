/** The time of day where somebody is; "" for a zone that is none. */
export function localTime(locale: string, zone: string, now: number): string {
  if (!zone) return '';
  try {
    return new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone }).format(now);
  } catch {
    return ''; // somebody has typed it
  }
}
