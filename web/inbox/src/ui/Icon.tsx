import type { LucideIcon } from 'lucide-react';

const sizes = { l: 22, m: 18, s: 15, xs: 13, xxs: 10 } as const;

/** An icon beside a word. It says nothing to assistive technology. */
export function Icon({ as: As, size = 'm' }: { as: LucideIcon; size?: keyof typeof sizes }) {
  return <As size={sizes[size]} strokeWidth={size === 'xs' ? 2 : size === 'xxs' ? 2.25 : 1.75} aria-hidden="true" />;
}
