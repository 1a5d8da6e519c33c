import { useEffect, useRef } from 'react';
import { useT } from '~/app/locale';
import type { Flow, Widget } from '~core/wire';
import { Api, type Config, Refused } from '../../../../widget/api';
import { contrast, ink } from '../../../../widget/colour';
import { Launcher } from '../../../../widget/loader/launcher';
import { mount } from '../../../../widget/panel';
import { Keep } from '../../../../widget/store';
import s from './ChatsPage.module.css';

/** The door of a preview: nobody has been here, and nothing that is typed leaves the page. */
class Nobody extends Api {
  override session = async () => ({ token: '', known: false, conversation: { begun: false, closed: false, from: 0, seq: 0, lines: [] } });
  override ticket = () => Promise.reject(new Refused(0, ''));
  override say = () => Promise.reject(new Refused(0, ''));
  override lines = async () => ({ begun: false, closed: false, from: 0, seq: 0, lines: [] });
  override introduce = async () => undefined;
}

/** What visitors will see: the real panel with the settings as they are being edited. */
export function Preview({ widget, flow }: { widget: Widget; flow?: Flow }) {
  const { t, locale } = useT();
  const stage = useRef<HTMLDivElement>(null);
  const { accent, title, side, offsetX, offsetY, label, privacy } = widget;
  const flowKey = JSON.stringify(flow);
  useEffect(() => {
    const host = stage.current;
    if (!host) return;
    const shown = flowKey ? (JSON.parse(flowKey) as Flow) : undefined;
    const one = {
      id: 'preview',
      targeting: {},
      welcome: shown?.welcome ?? '',
      askEmail: shown?.askEmail ?? 'never',
      away: shown?.away ?? { mode: 'message' },
      there: true,
      people: [],
    } as Config['flows'][number];
    const config: Config = { account: 'preview', off: false, title, accent, side, offsetX, offsetY, label, privacy, flows: [one], there: true };
    const words: Record<string, string> = { open: t('chats.previewOpen'), close: t('chats.previewClose'), unread: '{count}' };
    const launcher = new Launcher(config, (k) => words[k] ?? k, { toggle: () => undefined, warm: () => undefined }, host);
    const panel = mount({
      host: launcher.root,
      api: new Nobody('', 'preview'),
      keep: new Keep('preview', false),
      config,
      flow: one,
      lang: locale.slice(0, 2),
      close: () => undefined,
      unread: () => undefined,
      event: () => undefined,
      quiet: true,
    });
    panel.open();
    launcher.pressed(true);
    return () => {
      panel.destroy();
      launcher.remove();
    };
  }, [accent, title, side, offsetX, offsetY, label, privacy, flowKey, locale, t]);
  const color = ink(accent);
  return (
    <aside className={s.preview} aria-labelledby="chat-preview">
      <h2 id="chat-preview">{t('chats.preview')}</h2>
      <div ref={stage} className={s.stage} />
      <p className={s.ink}>{t(color === '#ffffff' ? 'chats.inkWhite' : 'chats.inkBlack', { ratio: contrast(accent, color).toFixed(1) })}</p>
    </aside>
  );
}
