/** @jsxImportSource preact */
/**
 * The panel: what opens from the launcher. One module, fetched when somebody wants it.
 * Owns: mounting into the launcher's shadow root, focus on opening. Never: the launcher. Imported by: loader, at run time.
 */
import { render } from 'preact';
import type { Flow } from '../api';
import type { Mount, Panel } from '../loader';
import de from '../locales/de.json';
import en from '../locales/en.json';
import { translator } from '../text';
import { Chat } from './chat';
import css from './panel.css?inline';
import { View } from './View';

export function mount(o: Mount): Panel {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  o.host.adoptedStyleSheets = [...o.host.adoptedStyleSheets, sheet];
  const box = document.createElement('div');
  box.lang = o.lang;
  o.host.prepend(box);
  let flow = o.flow;
  let open = false;
  const t = translator({ en, de }, o.config.texts, o.lang);
  const chat = new Chat(o.api, o.keep, () => ({
    page: location.href.slice(0, 2000),
    title: document.title.slice(0, 200),
    flow: flow.id,
    lang: o.lang,
    shown: flow.shown,
  }));
  const refused = { reason: '' };
  let begun = o.keep.get().begun ?? false;
  const draw = () => {
    if (open) chat.seen();
    else o.unread(chat.shown.lines.filter((l) => l.by !== 'visitor' && l.seq > o.keep.get().seen).length);
    if (chat.shown.begun && !begun) {
      begun = true;
      o.event('conversationStarted');
    }
    render(<View o={o} flow={flow} chat={chat} t={t} open={open} refused={refused.reason} />, box);
  };
  chat.subscribe(draw);
  if (o.quiet) draw();
  else
    chat.start().catch((e: Error) => {
      refused.reason = e.message;
      draw();
    });
  const show = (now: boolean) => {
    open = now;
    draw();
  };
  return {
    open: () => show(true),
    hide: () => show(false),
    flow(f: Flow) {
      flow = f;
      draw();
    },
    destroy() {
      chat.stop();
      render(null, box);
      box.remove();
    },
  };
}
