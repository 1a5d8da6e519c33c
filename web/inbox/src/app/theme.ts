/** Light, dark or the system's. public/theme.js sets it before the first paint; this changes it. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'parley.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export function chosenTheme(): Theme {
  const t = localStorage.getItem(key);
  return t === 'light' || t === 'dark' ? t : 'system';
}

function apply(): void {
  const t = chosenTheme();
  document.documentElement.dataset.theme = t === 'system' ? (system.matches ? 'dark' : 'light') : t;
}

export function chooseTheme(t: Theme): void {
  localStorage.setItem(key, t);
  apply();
}

system.addEventListener('change', apply);
