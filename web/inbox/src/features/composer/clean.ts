/**
 * What may come into the field for rich text.
 * Owns: which elements a message of ours has, and making them of what other programs put into the clipboard. Never: the server's policy
 * (shared/email), which has the last word.
 */
import DOMPurify from 'dompurify';
import { quietStyle } from '../thread/mailhtml';

const tags = [
  'p',
  'br',
  'div',
  'span',
  'b',
  'strong',
  'i',
  'em',
  'u',
  's',
  'del',
  'strike',
  'a',
  'ul',
  'ol',
  'li',
  'blockquote',
  'pre',
  'code',
  'h1',
  'h2',
  'h3',
  'img',
];

/** The body of a document that is shown nowhere, with nothing in it but words, their structure, links, and pictures of our own uploads. */
export function cleaned(html: string): HTMLElement {
  const body = DOMPurify.sanitize(quietStyle(html), {
    RETURN_DOM: true,
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'src', 'alt', 'id', 'data-style'],
    ADD_URI_SAFE_ATTR: ['data-style'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  }) as HTMLElement;
  for (const el of body.querySelectorAll('*')) {
    // Google Docs wraps all it copies into a <b> that is not bold.
    const style = el.getAttribute('data-style') ?? '';
    if (/^b$/i.test(el.tagName) && (el.id.startsWith('docs-internal-guid') || /font-weight:\s*(?:normal|400)/i.test(style))) unwrap(el);
    else if (el.tagName === 'SPAN') respan(el, style);
    else if (el.tagName === 'IMG' && !/^cid:[0-9a-z]{26}$/.test(el.getAttribute('src') ?? '')) el.remove();
    else if (el.tagName === 'H1') rename(el, 'h2');
    el.removeAttribute('id');
    el.removeAttribute('data-style');
  }
  return body;
}

/** Word, Docs and mail clients say bold and italic in style. */
function respan(el: Element, style: string): void {
  let inner: Element = el;
  const wrap = (name: string) => {
    const w = el.ownerDocument.createElement(name);
    w.append(...inner.childNodes);
    inner.append(w);
    inner = w;
  };
  if (/font-weight:\s*(?:bold|[6-9]00)/i.test(style)) wrap('strong');
  if (/font-style:\s*italic/i.test(style)) wrap('em');
  unwrap(el);
}

function unwrap(el: Element): void {
  el.replaceWith(...el.childNodes);
}

function rename(el: Element, name: string): void {
  const to = el.ownerDocument.createElement(name);
  to.append(...el.childNodes);
  el.replaceWith(to);
}
