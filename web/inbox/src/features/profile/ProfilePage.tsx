/** What colleagues and visitors see of me: name, picture, meeting link; and whether I am there for chats. */
import { type ChangeEvent, type FormEvent, lazy, Suspense, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { useMay } from '~/app/rights';
import { useMe, useServices } from '~/app/services';
import chats from '~/features/chats/ChatsPage.module.css';
import { Avatar } from '~/ui/Avatar';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Switch } from '~/ui/Switch';

const SignatureForm = lazy(() => import('./SignatureForm'));

const most = 4 << 20; // limit.PictureBytes

export default function ProfilePage() {
  const { t } = useT();
  const { api, session, toasts } = useServices();
  const me = useMe();
  const answers = useMay('agent');
  const [name, setName] = useState(me.name);
  const [meeting, setMeeting] = useState(me.meeting ?? '');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const change = async (picture?: string) => {
    setBusy(true);
    setError('');
    try {
      session.know(await api.setProfile({ name: name.trim(), meeting: meeting.trim(), ...(picture === undefined ? {} : { picture }) }));
      toasts.show(t('profile.saved'));
    } catch (err) {
      setError(reason(err, t));
    }
    setBusy(false);
  };
  const pick = async (e: ChangeEvent<HTMLInputElement>) => {
    const file = e.target.files?.[0];
    e.target.value = '';
    if (!file) return;
    if (file.size > most) return setError(t('profile.pictureTooLarge'));
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    await change(btoa(text));
  };
  const available = (on: boolean) =>
    api.setAvailable(on).then(
      (u) => session.know(u),
      (err) => toasts.show(reason(err, t)),
    );
  const save = (e: FormEvent) => {
    e.preventDefault();
    void change();
  };
  return (
    <Page title={t('profile.title')} lead={t('profile.lead')}>
      <Scroll label={t('profile.title')}>
        <div className={chats.body}>
          {answers && (
            <section className={chats.group} aria-labelledby="profile-chat">
              <h2 id="profile-chat">{t('profile.availability')}</h2>
              <div className={`${chats.card} ${chats.flush}`}>
                <Switch label={t('profile.available')} hint={t('profile.availableHint')} on={!me.away} set={(on) => void available(on)} />
              </div>
            </section>
          )}
          <section className={chats.group} aria-labelledby="profile-you">
            <h2 id="profile-you">{t('profile.you')}</h2>
            <form className={chats.card} onSubmit={save} noValidate>
              <div className={chats.row}>
                <Avatar id={me.id} name={me.name} address={me.email} size="lg" />
                <label className={chats.select}>
                  {t('profile.picture')}
                  <input type="file" accept="image/png,image/jpeg,image/gif" onChange={(e) => void pick(e)} disabled={busy} />
                </label>
                {me.avatar && (
                  <Button onClick={() => void change('')} disabled={busy}>
                    {t('profile.pictureRemove')}
                  </Button>
                )}
              </div>
              <p className={chats.ink}>{t(me.avatar ? 'profile.pictureSet' : 'profile.pictureNone')}</p>
              <Field label={t('profile.name')} value={name} maxLength={80} onChange={(e) => setName(e.target.value)} />
              <Field
                label={t('profile.meeting')}
                hint={t('profile.meetingHint')}
                inputMode="url"
                value={meeting}
                maxLength={500}
                error={error}
                onChange={(e) => setMeeting(e.target.value)}
              />
              <div className={`${chats.row} ${chats.end}`}>
                <Button kind="primary" type="submit" disabled={busy || !name.trim()}>
                  {t('action.save')}
                </Button>
              </div>
            </form>
          </section>
          <section className={chats.group} aria-labelledby="profile-signature">
            <h2 id="profile-signature">{t('profile.signature')}</h2>
            <Suspense fallback={<div className={chats.card} aria-busy="true" />}>
              <SignatureForm />
            </Suspense>
          </section>
        </div>
      </Scroll>
    </Page>
  );
}
