/** Which device this browser is, if it takes pushes, and whose. Small: the shell asks. */
export interface Mine {
  user: string;
  id: string;
}

const key = 'parley.push';

export function myDevice(): Mine | undefined {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? 'null') as Mine | null) ?? undefined;
  } catch {
    return undefined; // storage is off
  }
}

export const keepDevice = (m: Mine): void => localStorage.setItem(key, JSON.stringify(m));
export const forgetDevice = (): void => localStorage.removeItem(key);
