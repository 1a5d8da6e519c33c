/**
 * The ink on the team's colour, and a darker colour where neither ink can be read on it (WCAG 1.4.3: 4.5 to 1).
 * Owns: contrast. Imported by: loader, settings.
 */
function channels(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map((c) => {
    const v = c / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function darker(hex: string): string {
  return `#${channels(hex)
    .map((c) =>
      Math.floor(c * 0.92)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** White where it can be read, else black. Every colour takes one of the two at 4.5 to 1. */
export function ink(accent: string): string {
  return contrast(accent, '#ffffff') >= 4.5 ? '#ffffff' : '#111111';
}

/** The accent as text and border on white: darkened until it can be read. */
export function readable(accent: string): string {
  let c = accent;
  while (contrast(c, '#ffffff') < 4.5) c = darker(c);
  return c;
}
