/** How the team's pages vouch for who is signed in on them: the secret, what is signed, and another secret when this one is known to others. */
import { useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { reason } from '~/ui/Empty';
import type { ChatView } from '~core/wire';
import s from './ChatsPage.module.css';

/** What a server does, in the language that most have. */
const example = `// on your server, when the page is made (Node.js)
const at = Math.floor(Date.now() / 1000);
const signature = crypto.createHmac('sha256', SECRET)
  .update([externalId, email, name, at].join('\\n')).digest('hex');

// on the page, before the chat's script
window.parleySettings = { identity: { externalId, email, name, at, signature } };

// when somebody signs in or out without a new page
Parley.identify({ externalId, email, name, at, signature });
Parley.identify(null);`;

export function Identity({ chat }: { chat: ChatView }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const [secret, setSecret] = useState('');
  const [rolling, setRolling] = useState(false);
  const [busy, setBusy] = useState(false);
  const get = async (method: 'GET' | 'POST') => {
    setBusy(true);
    try {
      setSecret((await api.identitySecret(chat.account.id, method)).secret);
      setRolling(false);
      if (method === 'POST') toasts.show(t('chats.identity.rolled'));
    } catch (err) {
      toasts.show(`${t('chats.identity.failed')} ${reason(err, t)}`);
    }
    setBusy(false);
  };
  const copy = () => navigator.clipboard.writeText(secret).then(() => toasts.show(t('chats.copied')));
  return (
    <section className={s.group} aria-labelledby="chat-identity">
      <h2 id="chat-identity">{t('chats.identity')}</h2>
      <p>{t('chats.identity.text')}</p>
      <div className={s.card}>
        {secret && (
          <p>
            {t('chats.identity.secret')} <code className={s.code}>{secret}</code>
          </p>
        )}
        <div className={s.row}>
          {secret ? (
            <Button onClick={() => void copy()}>{t('chats.copy')}</Button>
          ) : (
            <Button disabled={busy} onClick={() => void get('GET')}>
              {t('chats.identity.show')}
            </Button>
          )}
          <Button onClick={() => setRolling(true)}>{t('chats.identity.roll')}</Button>
        </div>
        <details>
          <summary>{t('chats.identity.how')}</summary>
          <code className={s.code}>{example}</code>
          <p className={s.ink}>{t('chats.identity.rules')}</p>
        </details>
      </div>
      <Dialog open={rolling} onClose={() => setRolling(false)} title={t('chats.identity.roll')}>
        <p>{t('chats.identity.rollText')}</p>
        <div className={`${s.row} ${s.end}`}>
          <Button onClick={() => setRolling(false)}>{t('action.cancel')}</Button>
          <Button kind="primary" disabled={busy} onClick={() => void get('POST')}>
            {t('chats.identity.rollNow')}
          </Button>
        </div>
      </Dialog>
    </section>
  );
}
