/** @jsxImportSource preact */
/** Questions for an address: before the first message, after it, or with a message while nobody is there. */
import { useId, useState } from 'preact/hooks';
import type { Keep } from '../store';
import type { T } from '../text';
import type { Chat } from './chat';

function looksLikeAddress(s: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(s.trim());
}

/** A form that asks for an address; `message` asks for what to say as well. */
function useAsk(chat: Chat, t: T, then: () => void) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (e: SubmitEvent) => {
    e.preventDefault();
    const data = new FormData(e.currentTarget as HTMLFormElement);
    const email = String(data.get('email'));
    if (!looksLikeAddress(email)) {
      setError(t('ask.invalid'));
      return;
    }
    setBusy(true);
    try {
      await chat.introduce(email.trim(), String(data.get('name') ?? '').trim());
      const message = String(data.get('message') ?? '').trim();
      if (message) chat.say(message);
      then();
    } catch {
      setError(t('ask.failed'));
    }
    setBusy(false);
  };
  return { error, busy, submit };
}

function Fields({ t, error, name }: { t: T; error: string; name: boolean }) {
  const id = useId();
  return (
    <>
      {name && (
        <label>
          {t('ask.name')}
          <input name="name" autocomplete="name" maxLength={200} />
        </label>
      )}
      <label>
        {t('ask.email')}
        <input
          name="email"
          type="email"
          autocomplete="email"
          required
          maxLength={254}
          aria-invalid={!!error}
          aria-describedby={error ? id : undefined}
        />
      </label>
      {error && (
        <p id={id} class="err" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

export function Ask({ chat, keep, t, first }: { chat: Chat; keep: Keep; t: T; first?: boolean }) {
  const { error, busy, submit } = useAsk(chat, t, () => undefined);
  const [skipped, setSkipped] = useState(false);
  if (skipped) return null;
  return (
    <form class="ask" noValidate onSubmit={submit}>
      <p>
        <b>{t('ask.title')}</b> {t('ask.why')}
      </p>
      <Fields t={t} error={error} name={!!first} />
      <div class="row">
        <button type="submit" class="pri" disabled={busy}>
          {t(first ? 'ask.start' : 'ask.save')}
        </button>
        {!first && (
          <button
            type="button"
            onClick={() => {
              keep.set({ asked: true });
              setSkipped(true);
            }}
          >
            {t('ask.skip')}
          </button>
        )}
      </div>
    </form>
  );
}

export function AwayForm({ chat, t }: { chat: Chat; t: T }) {
  const { error, busy, submit } = useAsk(chat, t, () => undefined);
  return (
    <form class="ask" noValidate onSubmit={submit}>
      <Fields t={t} error={error} name />
      <label>
        {t('ask.message')}
        <textarea name="message" rows={3} required maxLength={8000} />
      </label>
      <div class="row">
        <button type="submit" class="pri" disabled={busy}>
          {t('form.send')}
        </button>
      </div>
    </form>
  );
}
