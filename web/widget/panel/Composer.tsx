/** @jsxImportSource preact */
/** Where the visitor writes. Enter sends, Shift+Enter begins a line. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { T } from '../text';
import type { Chat } from './chat';
import { Icon } from './Face';

const most = 8 * 1024; // limit.ChatTextBytes

export function Composer({ chat, t, open, onUse }: { chat: Chat; t: T; open: boolean; onUse: () => void }) {
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  // After every drawing: as tall as what is written.
  useEffect(() => {
    const a = area.current;
    if (!a || !open) return;
    a.style.height = 'auto';
    a.style.height = `${Math.min(140, a.scrollHeight)}px`;
  });
  const tooLong = new TextEncoder().encode(text).length > most;
  const send = () => {
    if (!text.trim() || tooLong) return;
    chat.say(text.trim());
    setText('');
    onUse();
    area.current?.focus();
  };
  return (
    <div class="cp">
      <textarea
        ref={area}
        rows={1}
        value={text}
        aria-label={t('panel.write')}
        aria-invalid={tooLong}
        placeholder={t('panel.write')}
        onInput={(e) => {
          setText(e.currentTarget.value);
          chat.typing();
        }}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return;
          e.preventDefault();
          send();
        }}
      />
      <button type="button" class="go" aria-label={t('panel.send')} disabled={!text.trim() || tooLong} onClick={send}>
        <Icon d="M12 19V5m-6 6 6-6 6 6" />
      </button>
    </div>
  );
}
