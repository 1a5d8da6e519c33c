/** @jsxImportSource preact */
export function Icon({ d }: { d: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

/** A picture, or the initials where there is none. */
export function Face({ id, name, src }: { id: string; name: string; src: string }) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((w) => w[0] ?? '')
    .join('')
    .toUpperCase();
  return (
    <span class={`face f${id.charCodeAt(0) % 4}`} title={name}>
      {src ? <img src={src} alt="" width="38" height="38" /> : initials}
    </span>
  );
}
