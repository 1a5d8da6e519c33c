/**
 * Makes the page of a mail's frame.
 * Owns: the second sanitising, which images are the mail's own and which remote, the frame's own policy, what a link says of itself.
 * Never: showing it, loading remote images (remote.ts). Imported by: MailFrame.
 */
import DOMPurify from 'dompurify';
import { differs, hostOf } from './links';

export interface Prepared {
  /** TrustedHTML where the browser has it */
  page: string | TrustedHTML;
  /** remote images in the mail */
  remote: number;
  /** the servers they lie on, each once */
  hosts: string[];
}

export interface Wishes {
  /** keys of the mail's files, which no sender can know: an address that holds one is the mail's own */
  refs: readonly string[];
  /** where this page comes from */
  origin: string;
  /** what is said behind a link whose text names another host than it leads to */
  warn: (host: string) => string;
}

interface TrustedHTML {
  toString(): string;
}
interface Policies {
  createPolicy(name: string, rules: { createHTML: (s: string) => string }): { createHTML(s: string): TrustedHTML };
}

const trusted = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('email', { createHTML: (s) => s });

/** Where imageproxy answers (shared/remote). */
export const proxyPath = '/api/image';

const links = /^(?:https?|mailto|tel):/i;
const drawn = /^data:image\/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=]+$/;

/** Style that may load something, or is written so that one cannot tell. The server lets none through; the frame's policy would refuse it. */
const fetching = /url|image|element|src|expression|import|var|attr|[\\@]|\/\*/i;

/**
 * Sanitises `html` and puts it into a page whose policy loads the mail's own files and nothing else. Remote images lose their address to
 * data-src, where MailFrame finds it when they are asked for: then one policy more is needed, `img-src` of the proxy.
 */
export function prepare(html: string, wishes: Wishes, images: boolean): Prepared {
  const body = DOMPurify.sanitize(quietStyle(html), {
    RETURN_DOM: true,
    FORBID_TAGS: forbidden.tags,
    FORBID_ATTR: forbidden.attributes,
    ADD_ATTR: ['target', 'data-style'],
    ADD_URI_SAFE_ATTR: ['data-style'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  }) as HTMLElement;
  return arrange(body, wishes, images);
}

/** What DOMPurify would let through, and no mail may have. */
const forbidden = {
  tags: 'style form input button textarea select svg math audio video picture source map area dialog'.split(' '),
  attributes:
    'style id name class srcset sizes background poster usemap ping download popover popovertarget autofocus tabindex slot open draggable contenteditable role inert nonce'.split(
      ' ',
    ),
};

/** Makes the page of a mail whose elements are clean: what its images load, and what its links say. */
export function arrange(body: HTMLElement, wishes: Wishes, images: boolean): Prepared {
  const sources = new Set<string>();
  const hosts = new Set<string>();
  let remote = 0;
  for (const img of body.querySelectorAll('img')) {
    const src = img.getAttribute('src') ?? '';
    img.removeAttribute('data-src');
    if (drawn.test(src)) continue;
    img.removeAttribute('src');
    const url = addressOf(src, wishes.origin);
    if (!url) continue;
    if (url.origin === wishes.origin && url.pathname === proxyPath) {
      remote++;
      hosts.add(hostOf(url.searchParams.get('u') ?? ''));
      img.setAttribute('data-src', url.href);
    } else if (isOwn(url, wishes.refs)) {
      sources.add(folder(url));
      img.setAttribute('src', url.href);
    }
  }
  for (const el of body.querySelectorAll('[data-style]')) if (fetching.test(el.getAttribute('data-style') ?? '')) el.removeAttribute('data-style');
  if (images && remote > 0) sources.add(wishes.origin + proxyPath);
  for (const a of body.querySelectorAll('a')) link(a, wishes.warn);
  const policy = `default-src 'none'; img-src data: ${[...sources].join(' ')}; form-action 'none'; base-uri 'none'`;
  const page = `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"></head><body>${body.innerHTML}</body></html>`;
  hosts.delete('');
  return { page: trusted ? trusted.createHTML(page) : page, remote, hosts: [...hosts] };
}

/** A link opens elsewhere, tells the other side nothing, and says where it leads, most of all when its text says something else. */
function link(a: HTMLAnchorElement, warn: (host: string) => string): void {
  const href = a.getAttribute('href');
  a.removeAttribute('title');
  if (href === null || !links.test(href)) {
    a.removeAttribute('href');
    a.removeAttribute('target');
    return;
  }
  a.setAttribute('target', '_blank');
  a.setAttribute('rel', 'noopener noreferrer nofollow');
  const host = hostOf(href);
  if (host) a.setAttribute('title', host);
  if (!differs(a.textContent ?? '', href)) return;
  const note = a.ownerDocument.createElement('small');
  note.setAttribute('data-warn', '');
  note.textContent = warn(host);
  a.setAttribute('title', warn(host));
  a.after(note);
}

/** Inline style would be refused, and reported, by the policy of the page; it travels as data and is applied through CSSOM. */
export function quietStyle(html: string): string {
  return html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(\s)style(\s*=)/gi, '$1data-style$2'));
}

function addressOf(src: string, origin: string): URL | null {
  try {
    const url = new URL(src, origin);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function isOwn(url: URL, refs: readonly string[]): boolean {
  const path = decoded(url.pathname + url.search);
  return refs.some((r) => r.length > 8 && path.includes(r));
}

function decoded(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

/** What a policy calls the place of a file: everything below its first folder. */
function folder(url: URL): string {
  const first = url.pathname.split('/')[1] ?? '';
  return /^[\w.-]+$/.test(first) ? `${url.origin}/${first}/` : `${url.origin}/`;
}
