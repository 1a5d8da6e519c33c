import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Switch } from '~/ui/Switch';
import type { ChatView, Widget } from '~core/wire';
import s from './ChatsPage.module.css';
import { useChange } from './changes';

interface Props {
  chat: ChatView;
  widget: Widget;
  set: (w: Widget) => void;
  fixed: boolean;
}

/** Title, colour, place and websites of the widget; the preview follows at once, the pages when it is saved. */
export function Look({ chat, widget: w, set, fixed }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const change = useChange();
  const dirty = JSON.stringify(w) !== JSON.stringify(chat.widget);
  const number = (v: string) => Math.max(0, Math.min(200, Number.parseInt(v, 10) || 0));
  const save = () => change.run(() => api.setWidget({ ...w, origins: w.origins.map((o) => o.trim()).filter(Boolean) }), t('chats.saved'));
  return (
    <section className={s.group} aria-labelledby="chat-look">
      <h2 id="chat-look">{t('chats.look')}</h2>
      <div className={s.card}>
        <div className={s.pair}>
          <Field
            label={t('chats.titleField')}
            value={w.title}
            maxLength={80}
            readOnly={fixed}
            onChange={(e) => set({ ...w, title: e.target.value })}
          />
          <Field
            label={t('chats.accent')}
            type="color"
            value={w.accent}
            disabled={fixed}
            onChange={(e) => set({ ...w, accent: e.target.value.toLowerCase() })}
          />
          <Field
            label={t('chats.label')}
            hint={t('chats.labelHint')}
            value={w.label ?? ''}
            maxLength={40}
            readOnly={fixed}
            onChange={(e) => set({ ...w, label: e.target.value })}
          />
        </div>
        <div className={s.pair}>
          <label className={s.select}>
            {t('chats.side')}
            <select value={w.side} disabled={fixed} onChange={(e) => set({ ...w, side: e.target.value as Widget['side'] })}>
              <option value="right">{t('chats.right')}</option>
              <option value="left">{t('chats.left')}</option>
            </select>
          </label>
          <Field
            label={t('chats.offsetX')}
            type="number"
            min={0}
            max={200}
            value={w.offsetX}
            readOnly={fixed}
            onChange={(e) => set({ ...w, offsetX: number(e.target.value) })}
          />
          <Field
            label={t('chats.offsetY')}
            type="number"
            min={0}
            max={200}
            value={w.offsetY}
            readOnly={fixed}
            onChange={(e) => set({ ...w, offsetY: number(e.target.value) })}
          />
        </div>
        <Field
          label={t('chats.privacy')}
          hint={t('chats.privacyHint')}
          inputMode="url"
          value={w.privacy ?? ''}
          readOnly={fixed}
          onChange={(e) => set({ ...w, privacy: e.target.value })}
        />
        <label className={s.select}>
          {t('chats.origins')}
          <textarea
            rows={3}
            value={w.origins.join('\n')}
            readOnly={fixed}
            onChange={(e) => set({ ...w, origins: e.target.value.toLowerCase().split('\n') })}
          />
          <small>{t('chats.originsHint')}</small>
        </label>
        <Switch label={t('chats.off')} hint={t('chats.offHint')} on={!!w.off} fixed={fixed} set={(off) => set({ ...w, off })} />
        {!fixed && (
          <div className={`${s.row} ${s.end}`}>
            {dirty && <span className={s.ink}>{t('chats.unsaved')}</span>}
            <Button onClick={() => set(chat.widget)} disabled={!dirty}>
              {t('chats.discard')}
            </Button>
            <Button kind="primary" onClick={() => void save()} disabled={!dirty || change.busy}>
              {t('action.save')}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
