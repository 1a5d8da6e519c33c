/**
 * Makes the page of a mail's frame.
 * Owns: the second sanitising, which images count as remote, the frame's own policy. Never: showing it. Imported by: MailFrame.
 */
import DOMPurify from 'dompurify';

export interface Prepared {
  /** TrustedHTML where the browser has it */
  page: string | TrustedHTML;
  /** remote images that were not loaded */
  blocked: number;
}

interface TrustedHTML {
  toString(): string;
}
interface Policies {
  createPolicy(name: string, rules: { createHTML: (s: string) => string }): { createHTML(s: string): TrustedHTML };
}

const trusted = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('email', { createHTML: (s) => s });

const links = /^(?:https?|mailto|tel):/i;

/**
 * Sanitises `html` and puts it into a page whose policy loads nothing but the images allowed. An image is the mail's own if its address holds one
 * of `refs`, the keys of the mail's files, which no sender can know.
 */
export function prepare(html: string, refs: readonly string[], images: boolean): Prepared {
  const body = DOMPurify.sanitize(quietStyle(html), {
    RETURN_DOM: true,
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'svg', 'math', 'audio', 'video'],
    FORBID_ATTR: ['style', 'id', 'name', 'class', 'srcset', 'background', 'poster'],
    ADD_ATTR: ['target', 'data-style'],
    ADD_URI_SAFE_ATTR: ['data-style'],
    ALLOW_DATA_ATTR: false,
  }) as HTMLElement;
  const sources = new Set<string>();
  let blocked = 0;
  for (const img of body.querySelectorAll('img')) {
    const url = address(img.getAttribute('src'));
    if (!url) continue;
    if (images || isOwn(url, refs)) sources.add(url.origin);
    else {
      blocked++;
      img.removeAttribute('src');
    }
  }
  for (const a of body.querySelectorAll('a[href]')) {
    if (!links.test(a.getAttribute('href') ?? '')) a.removeAttribute('href');
    a.setAttribute('target', '_blank');
    a.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  const policy = `default-src 'none'; img-src data: ${[...sources].join(' ')}; form-action 'none'; base-uri 'none'`;
  const page = `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"></head><body>${body.innerHTML}</body></html>`;
  return { page: trusted ? trusted.createHTML(page) : page, blocked };
}

/** Inline style would be refused, and reported, by the policy of the page; it travels as data and is applied through CSSOM. */
function quietStyle(html: string): string {
  return html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(\s)style(\s*=)/gi, '$1data-style$2'));
}

function address(src: string | null): URL | null {
  try {
    const url = new URL(src ?? '');
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function isOwn(url: URL, refs: readonly string[]): boolean {
  const path = decodeURIComponent(url.pathname + url.search);
  return refs.some((r) => r.length > 8 && path.includes(r));
}
