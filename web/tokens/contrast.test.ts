import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

function grab(block: RegExp): Record<string, string> {
  const body = css.match(block)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b/gi)].map((m) => [m[1] ?? '', m[2] ?? '']));
}

const light = grab(/:root\s*\{([\s\S]*?)\n\}/);
const dark: Record<string, string> = { ...light, ...grab(/\[data-theme="dark"\]\s*\{([\s\S]*?)\n\}/) };

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const v = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [hi = 0, lo = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

const text = `text/surface text/canvas text/raised text/selected text-2/surface text-2/canvas text-2/selected text-3/surface text-3/canvas
  text-3/selected link/surface link/note on-accent/accent on-accent/accent-hover accent-text/surface accent-text/accent-soft on-bubble-out/bubble-out
  note-text/note note-text-2/note ok-text/ok-soft warn-text/warn-soft bad-text/bad-soft bad-text/bubble-out info-text/info-soft rail-text/rail
  rail-text-on/rail-on text-2/rail-on text-3/raised text-2/hover text-3/sunken av1-ink/av1 av2-ink/av2 av3-ink/av3 av4-ink/av4 av5-ink/av5 av6-ink/av6`;
const shapes =
  'border-strong/surface accent/surface focus/surface focus/canvas field-border/surface note-text-2/surface ok/surface warn/surface bad/surface';

const pairs = [...text.split(/\s+/).map((p) => [p, 4.5] as const), ...shapes.split(' ').map((p) => [p, 3] as const)];

describe.each([
  ['light', light],
  ['dark', dark],
])('contrast, %s', (_, tokens) => {
  it.each(pairs)('%s is at least %d', (pair, least) => {
    const [ink = '', ground = ''] = pair.split('/');
    expect(tokens[ink], ink).toBeDefined();
    expect(tokens[ground], ground).toBeDefined();
    expect(contrast(tokens[ink] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(least);
  });
});
