import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import type { ChatView, Tried } from '~core/wire';
import s from './ChatsPage.module.css';
import { because, verdictText } from './words';

/** For a pasted address: which chatflow shows there, and why the others do not. The server answers by the rules that visitors meet. */
export function Tester({ chat }: { chat: ChatView }) {
  const { t } = useT();
  const { api } = useServices();
  const [page, setPage] = useState(chat.installed?.page ?? chat.widget.origins[0] ?? '');
  const tried = useMutation({ mutationFn: () => api.tryPage(chat.account.id, page.trim()) });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    tried.mutate();
  };
  return (
    <section className={s.group} aria-labelledby="chat-try">
      <h2 id="chat-try">{t('chats.try')}</h2>
      <p>{t('chats.tryText')}</p>
      <div className={s.card}>
        <form onSubmit={submit} noValidate>
          <Field
            label={t('chats.page')}
            inputMode="url"
            value={page}
            maxLength={2000}
            onChange={(e) => setPage(e.target.value)}
            error={tried.isError ? reason(tried.error, t) : ''}
            after={
              <Button type="submit" disabled={tried.isPending}>
                {t('chats.tryIt')}
              </Button>
            }
          />
        </form>
        <div aria-live="polite">{tried.data && <Answer chat={chat} tried={tried.data} />}</div>
      </div>
    </section>
  );
}

function Answer({ chat, tried }: { chat: ChatView; tried: Tried }) {
  const { t } = useT();
  const flow = chat.flows.find((f) => f.id === tried.flow);
  return (
    <>
      <div className={`${s.verdict} ${flow ? s.yes : s.no2}`}>
        <b>{flow ? t('chats.shows', { name: flow.name }) : t(tried.off ? 'chats.offAll' : tried.allowed ? 'chats.showsNone' : 'chats.notAllowed')}</b>
        {flow && (
          <span>
            {because(
              t,
              flow,
              tried.verdicts.find((v) => v.flow === flow.id),
            )}
          </span>
        )}
      </div>
      <ol className={s.walk}>
        {tried.verdicts.map((v, i) => (
          <li key={v.flow}>
            {i + 1}. <b>{v.name}</b> –{' '}
            {verdictText(
              t,
              chat.flows.find((f) => f.id === v.flow),
              v,
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
