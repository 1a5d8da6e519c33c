// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { arrange } from './mailhtml';

const origin = 'https://inbox.example';
const refs = ['t/01thread/01message/1'];
const wishes = { refs, origin, warn: (host: string) => `leads to ${host}` };

const frame = (html: string, images = false) => {
  const p = arrange(new DOMParser().parseFromString(html, 'text/html').body, wishes, images);
  const doc = new DOMParser().parseFromString(String(p.page), 'text/html');
  const policy = doc.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
  return { ...p, doc, policy, img: [...doc.querySelectorAll('img')], a: [...doc.querySelectorAll('a')] };
};

const proxied = (u: string) => `/api/image?e=1&amp;s=2&amp;u=${encodeURIComponent(u)}`;

describe('images', () => {
  const mail = `<img alt="far" src="${proxied('https://a.example/1.png')}"><img src="${proxied('http://b.example/2.png')}"><img src="${proxied('https://a.example/3.png')}">
    <img alt="own" src="https://files.s3.example/t/01thread/01message/1?X-Sig=a"><img alt="drawn" src="data:image/png;base64,iVBORw0KGgo=">`;

  it('of strangers are counted and named, and have no address until they are asked for', () => {
    const { remote, hosts, img, policy } = frame(mail);
    expect([remote, hosts]).toEqual([3, ['a.example', 'b.example']]);
    expect(img.slice(0, 3).map((i) => i.getAttribute('src'))).toEqual([null, null, null]);
    expect(policy).toBe("default-src 'none'; img-src data: https://files.s3.example/t/; form-action 'none'; base-uri 'none'");
  });

  it('load through our own origin once they are', () => {
    const { img, policy } = frame(mail, true);
    expect(img[0]?.getAttribute('data-src')).toBe(`${origin}${proxied('https://a.example/1.png').replaceAll('&amp;', '&')}`);
    expect(policy).toContain(`img-src data: https://files.s3.example/t/ ${origin}/api/image;`);
    expect(policy).not.toContain('a.example');
  });

  it('of the mail itself and drawn ones are there at once', () => {
    const { img } = frame(mail);
    expect(img[3]?.getAttribute('src')).toBe('https://files.s3.example/t/01thread/01message/1?X-Sig=a');
    expect(img[4]?.getAttribute('src')).toBe('data:image/png;base64,iVBORw0KGgo=');
  });

  it.each([
    'https://evil.example/x.png',
    '//evil.example/x.png',
    'https://inbox.example/api/session',
    '/files/secret',
    'https://evil.example/api/image?u=x',
    'data:image/svg+xml;base64,PHN2Zz4=',
    'data:text/html;base64,PHN2Zz4=',
    'cid:a@b',
    'blob:https://inbox.example/1',
    'http://%zz',
  ])('from anywhere else are nobody’s: %s', (src) => {
    const { img, remote, policy } = frame(`<img alt="x" src="${src}">`, true);
    expect(img[0]?.hasAttribute('src') || img[0]?.hasAttribute('data-src')).toBe(false);
    expect(remote).toBe(0);
    expect(policy).toBe("default-src 'none'; img-src data: ; form-action 'none'; base-uri 'none'");
  });

  it('have the address that the server gave them, whatever else they say', () => {
    const { img } = frame(`<img src="${proxied('https://a.example/1')}" data-src="https://evil.example/2">`, true);
    expect(img[0]?.getAttribute('data-src')).toContain('a.example');
    expect(frame('<img data-src="https://evil.example/2">', true).img[0]?.hasAttribute('data-src')).toBe(false);
  });
});

describe('links', () => {
  it('open elsewhere, tell nothing, and name their host', () => {
    const { a } = frame('<a href="https://shop.example/orders/77" title="Your bank" target="_top" rel="opener">Order</a>');
    expect(a[0]?.getAttributeNames().sort()).toEqual(['href', 'rel', 'target', 'title']);
    expect([a[0]?.title, a[0]?.getAttribute('rel'), a[0]?.target]).toEqual(['shop.example', 'noopener noreferrer nofollow', '_blank']);
  });

  it('that name another host say where they lead', () => {
    const { doc, a } = frame('<p><a href="https://evil.example/">https://bank.example</a>, <a href="https://www.bank.example/">bank.example</a></p>');
    expect(doc.querySelector('p')?.textContent).toBe('https://bank.exampleleads to evil.example, bank.example');
    expect(doc.querySelectorAll('small[data-warn]')).toHaveLength(1);
    expect(a[0]?.title).toBe('leads to evil.example');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '/api/session', '#top', 'file:///etc/passwd', 'vbscript:x'])('lead nowhere: %s', (href) => {
    const { a } = frame(`<a href="${href}" target="_blank">x</a>`);
    expect(a[0]?.getAttributeNames()).toEqual([]);
  });

  it('to people stay', () => {
    const { a } = frame('<a href="mailto:a@b.example">write</a> <a href="tel:+491234">call</a>');
    expect(a.map((l) => l.getAttribute('href'))).toEqual(['mailto:a@b.example', 'tel:+491234']);
  });
});

describe('style', () => {
  it('stays unless it may load something', () => {
    const styles = [
      'color: red',
      'background: #fff',
      'background: URL(https://evil.example/x)',
      'background: u\\72l(x)',
      'background-image: image-set("x" 1x)',
      'color: var(--x)',
      'color: red /* */',
    ];
    const { doc } = frame(styles.map((s) => `<p data-style='${s}'>a</p>`).join(''));
    expect([...doc.querySelectorAll('p')].map((p) => p.getAttribute('data-style'))).toEqual([
      'color: red',
      'background: #fff',
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
