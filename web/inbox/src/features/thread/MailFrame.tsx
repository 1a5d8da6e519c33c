/**
 * The HTML of a mail. The server has sanitised it; here DOMPurify is the second wall, a frame without scripts the third, and a
 * Content-Security-Policy inside that frame the fourth. Inline style is applied through CSSOM, so that the page's own policy, which the
 * frame inherits, can stay without 'unsafe-inline'. Remote images load only when asked for, and then through our own origin.
 */
import { ImageOff } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { type Key, useT } from '~/app/locale';
import { useMe } from '~/app/services';
import { Icon } from '~/ui/Icon';
import type { MessageReceived, MessageSent } from '~core/wire';
import { dress, shrink } from './dress';
import s from './MailFrame.module.css';
import { type Prepared, prepare } from './mailhtml';
import { isAlways, load, senderOf, setAlways, subscribe } from './remote';

type T = (key: Key, values?: Record<string, string | number>) => string;

export default function MailFrame({ html, mail }: { html: string; mail: MessageReceived | MessageSent }) {
  const { t } = useT();
  const me = useMe().id;
  const sender = senderOf(mail);
  const [once, setOnce] = useState(false);
  const always = useSyncExternalStore(subscribe, () => isAlways(me, sender));
  const images = once || always;
  const shown = useRef<HTMLIFrameElement>(null);
  const key = (mail.attachments ?? []).map((a) => a.ref).join('\n');
  const doc = useMemo(
    () => prepare(html, { refs: key ? key.split('\n') : [], origin: location.origin, warn: (host) => t('mail.linkElse', { host }) }, images),
    [html, key, images, t],
  );
  useEffect(() => (shown.current ? show(shown.current, doc, images, t) : undefined), [doc, images, t]);
  return (
    <>
      {doc.remote > 0 && !images && <Blocked doc={doc} sender={sender} once={() => setOnce(true)} always={() => setAlways(me, sender, true)} />}
      {doc.remote > 0 && always && (
        <p className={s.note}>
          {t('mail.imagesAlways', { sender })}{' '}
          <button type="button" onClick={() => setAlways(me, sender, false)}>
            {t('mail.imagesAsk')}
          </button>
        </p>
      )}
      <iframe ref={shown} className={s.frame} title={t('mail.html')} sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" />
    </>
  );
}

function Blocked({ doc, sender, once, always }: { doc: Prepared; sender: string; once: () => void; always: () => void }) {
  const { t } = useT();
  const named = 3;
  const hosts = doc.hosts.slice(0, named).join(', ') + (doc.hosts.length > named ? ' …' : '');
  return (
    <div className={s.blocked}>
      <Icon as={ImageOff} size="xs" />
      <span title={doc.hosts.join('\n')}>{t('mail.blocked', { count: doc.remote, hosts })}</span>
      <span className={s.choices}>
        <button type="button" onClick={once}>
          {t('mail.showImages')}
        </button>
        {sender && (
          <button type="button" onClick={always} title={sender}>
            {t('mail.showAlways')}
          </button>
        )}
      </span>
    </div>
  );
}

/** Taller than this a mail scrolls by itself: no mail makes the conversation a mile long. */
const tallest = 20_000; // px

function show(frame: HTMLIFrameElement, doc: Prepared, images: boolean, t: T): () => void {
  let watch: ResizeObserver | undefined;
  let stop: (() => void) | undefined;
  const measure = () => {
    const root = frame.contentDocument?.documentElement;
    if (!root || !frame.contentDocument?.body) return;
    shrink(frame.contentDocument);
    const height = Math.ceil(root.getBoundingClientRect().height);
    frame.style.height = `${Math.min(tallest, Math.max(24, height))}px`;
    root.style.overflowY = height > tallest ? 'auto' : 'hidden';
  };
  const loaded = () => {
    const inside = frame.contentDocument;
    if (!inside?.body) return;
    dress(inside, t('body.quoted'));
    stop?.();
    stop = images ? fill(inside, t) : undefined;
    watch?.disconnect();
    watch = new ResizeObserver(measure);
    watch.observe(inside.documentElement);
    measure();
  };
  frame.addEventListener('load', loaded);
  frame.srcdoc = doc.page as string;
  return () => {
    stop?.();
    watch?.disconnect();
    frame.removeEventListener('load', loaded);
  };
}

/** Loads remote images into their places; one that cannot be had keeps its outline and says so. */
function fill(inside: Document, t: T): () => void {
  const slots = [...inside.querySelectorAll<HTMLImageElement>('img[data-src]')].map((img) => ({
    url: img.dataset.src ?? '',
    done(ok: boolean) {
      if (ok) {
        img.style.outline = '';
        img.src = img.dataset.src ?? '';
      } else {
        img.title = t('mail.imageFailed');
        img.dataset.failed = '';
      }
    },
  }));
  return load(slots);
}
