/**
 * The HTML of a mail. The server has sanitised it; here DOMPurify is the second wall, a frame without scripts the third, and a
 * Content-Security-Policy inside that frame the fourth. Inline style is applied through CSSOM, so that the page's own policy, which the
 * frame inherits, can stay without 'unsafe-inline'. Remote images load only when asked for.
 */
import { ImageOff } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import s from './MailFrame.module.css';
import { type Prepared, prepare } from './mailhtml';

export default function MailFrame({ html, refs }: { html: string; refs: string[] }) {
  const { t } = useT();
  const [images, setImages] = useState(false);
  const shown = useRef<HTMLIFrameElement>(null);
  const key = refs.join('\n');
  const doc = useMemo(() => prepare(html, key ? key.split('\n') : [], images), [html, key, images]);
  useEffect(() => (shown.current ? show(shown.current, doc) : undefined), [doc]);
  return (
    <>
      {doc.blocked > 0 && (
        <div className={s.blocked}>
          <Icon as={ImageOff} size="xs" />
          <span>
            {t('mail.blocked', { count: doc.blocked })}{' '}
            <button type="button" onClick={() => setImages(true)}>
              {t('mail.showImages')}
            </button>
          </span>
        </div>
      )}
      <iframe ref={shown} className={s.frame} title={t('mail.html')} sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" />
    </>
  );
}

function show(frame: HTMLIFrameElement, doc: Prepared): () => void {
  let watch: ResizeObserver | undefined;
  const measure = () => {
    const root = frame.contentDocument?.documentElement;
    if (root) frame.style.height = `${Math.max(24, Math.ceil(root.getBoundingClientRect().height))}px`;
  };
  const loaded = () => {
    const inside = frame.contentDocument;
    if (!inside?.body) return;
    for (const el of inside.querySelectorAll<HTMLElement>('[data-style]')) {
      el.style.cssText = el.dataset.style ?? '';
      delete el.dataset.style;
    }
    inside.documentElement.style.cssText = 'background:#fff;color-scheme:light;overflow:hidden';
    inside.body.style.cssText = 'margin:0;padding:14px;color:#1b1f1d;font:14px/1.55 system-ui,sans-serif;overflow-wrap:anywhere;overflow-x:auto';
    for (const img of inside.images) {
      img.style.maxWidth = '100%';
      if (!img.hasAttribute('src')) img.style.outline = '1px dashed #8b8880';
    }
    for (const q of inside.querySelectorAll('blockquote')) {
      q.style.margin = '0 0 0 2px';
      q.style.paddingLeft = '12px';
      q.style.borderLeft = '2px solid #cfccc4';
    }
    watch?.disconnect();
    watch = new ResizeObserver(measure);
    watch.observe(inside.documentElement);
    measure();
  };
  frame.addEventListener('load', loaded);
  frame.srcdoc = doc.page as string;
  return () => {
    watch?.disconnect();
    frame.removeEventListener('load', loaded);
  };
}
