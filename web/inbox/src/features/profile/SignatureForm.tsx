/** What stands below my messages, written in the field they are written in. */
import { type FormEvent, useState } from 'react';
import { useT } from '~/app/locale';
import { useMe, useServices } from '~/app/services';
import chats from '~/features/chats/ChatsPage.module.css';
import RichText from '~/features/composer/RichText';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { paragraphs } from '~core/draft';
import s from './SignatureForm.module.css';

export default function SignatureForm() {
  const { t } = useT();
  const { api, session, toasts } = useServices();
  const me = useMe();
  const [written, setWritten] = useState({ html: me.signature ?? '', text: '' });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const save = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError('');
    try {
      session.know(await api.setSignature(written.html || (written.text && paragraphs(written.text))));
      toasts.show(t('profile.saved'));
    } catch (err) {
      setError(reason(err, t));
    }
    setBusy(false);
  };
  return (
    <form className={chats.card} onSubmit={(e) => void save(e)}>
      <p className={chats.ink}>{t('profile.signatureHint')}</p>
      <div className={s.sheet}>
        <RichText
          ref={null}
          written={written}
          label={t('profile.signature')}
          placeholder={t('profile.signaturePlaceholder')}
          picture={() => Promise.reject(new Error('no pictures here'))}
          change={(html, text) => setWritten({ html, text })}
          onKey={() => false}
          onFiles={() => undefined}
        />
      </div>
      {error && (
        <p role="alert" className={s.error}>
          {error}
        </p>
      )}
      <div className={`${chats.row} ${chats.end}`}>
        <Button kind="primary" type="submit" disabled={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
