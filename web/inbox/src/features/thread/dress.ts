/**
 * Makes the mail in a frame readable where it is shown.
 * Owns: its inline style, words nobody could read, its width. Never: what may be in it (mailhtml.ts), loading images (remote.ts).
 * Imported by: MailFrame.
 */

/** `quoted` is what stands on a fold. */
export function dress(inside: Document, quoted: string): void {
  for (const el of inside.querySelectorAll<HTMLElement>('[data-style]')) {
    el.style.cssText = el.dataset.style ?? '';
    delete el.dataset.style;
  }
  inside.documentElement.style.cssText = 'background:#fff;color-scheme:light;overflow:hidden';
  inside.body.style.cssText = 'margin:0;padding:14px;color:#1b1f1d;font:14px/1.55 system-ui,sans-serif;overflow-wrap:anywhere;overflow-x:auto';
  for (const img of inside.images) {
    img.style.maxWidth = '100%';
    img.style.minWidth = '0';
    if (!img.hasAttribute('src')) img.style.outline = '1px dashed #8b8880';
  }
  for (const pre of inside.querySelectorAll('pre')) pre.style.whiteSpace = 'pre-wrap';
  for (const q of inside.querySelectorAll('blockquote')) {
    q.style.margin = '0 0 0 2px';
    q.style.paddingInlineStart = '12px';
    q.style.borderInlineStart = '2px solid #cfccc4';
  }
  for (const summary of inside.querySelectorAll('summary')) {
    summary.style.cssText =
      'cursor:pointer;list-style:none;width:max-content;padding:0 10px;border-radius:6px;background:#f1efe9;color:#5c5a53;letter-spacing:2px';
    summary.title = quoted;
    summary.setAttribute('aria-label', quoted);
  }
  for (const note of inside.querySelectorAll<HTMLElement>('small[data-warn]'))
    note.style.cssText = 'margin:0 4px;padding:0 6px;border-radius:6px;background:#fdf0dc;color:#7a4a00;font:12px/1.5 system-ui,sans-serif';
  legible(inside);
}

/** Below this a mail is not made smaller; it scrolls sideways. */
const smallest = 0.5;

/**
 * Lets a mail that is wider than its frame, a newsletter of 600 px, be seen whole. One that would become too small to read, a table of
 * thirty columns, keeps its size. Pictures wider than the frame keep their shape, whatever height they were given.
 */
export function shrink(inside: Document): void {
  const { body } = inside;
  body.style.zoom = '';
  for (const img of inside.images) {
    const wanted = Number.parseFloat(img.style.width || img.getAttribute('width') || '');
    if (wanted > body.clientWidth && !/%/.test(img.style.width || img.getAttribute('width') || '')) img.style.height = 'auto';
  }
  const ratio = body.clientWidth / body.scrollWidth;
  if (ratio < 1 && ratio >= smallest) body.style.zoom = String(Math.floor(ratio * 1000) / 1000);
}

/** More elements than this are left as they are. */
const most = 5_000;

/** Under this contrast words cannot be told from what is behind them; grey on white has more. */
const least = 1.9;

/**
 * Gives words a colour that can be read where the mail's own cannot: it was meant for a background that a style sheet, a picture or the
 * mail's body had, and those are not here.
 */
function legible(inside: Document): void {
  const view = inside.defaultView;
  if (!view) return;
  const behind = new Map<Element | null, Colour>([[null, white]]);
  const under = (el: Element | null): Colour => {
    const known = behind.get(el);
    if (known || !el) return known ?? white;
    const own = parse(view.getComputedStyle(el).backgroundColor);
    const found = own && own.a > 0.5 ? own : under(el.parentElement);
    behind.set(el, found);
    return found;
  };
  const all = [...inside.body.querySelectorAll<HTMLElement>('*')].slice(0, most);
  const poor = all.filter((el) => {
    if (![...el.childNodes].some((n) => n.nodeType === 3 && n.nodeValue?.trim())) return false;
    const colour = parse(view.getComputedStyle(el).color);
    return colour && contrast(colour, under(el)) < least;
  });
  for (const el of poor) el.style.color = luminance(under(el)) > 0.3 ? '#1b1f1d' : '#fff';
}

export interface Colour {
  r: number;
  g: number;
  b: number;
  a: number;
}

const white: Colour = { r: 255, g: 255, b: 255, a: 1 };

/** Reads what getComputedStyle says of a colour; undefined if it says it in another way. */
export function parse(css: string): Colour | undefined {
  const m = /^rgba?\(\s*([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:\s*[,/]\s*([\d.]+))?\s*\)$/.exec(css);
  return m ? { r: Number(m[1]), g: Number(m[2]), b: Number(m[3]), a: m[4] === undefined ? 1 : Number(m[4]) } : undefined;
}

/** WCAG 2.2, "relative luminance". */
function luminance({ r, g, b }: Colour): number {
  const [x = 0, y = 0, z = 0] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

/** WCAG 2.2, "contrast ratio". */
export function contrast(a: Colour, b: Colour): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
