import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import team from '~/features/team/team.module.css';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import s from './articles.module.css';

/** What bots would answer a question with. */
export function Try() {
  const { t, locale } = useT();
  const { api } = useServices();
  const [query, setQuery] = useState('');
  const run = useMutation({ mutationFn: () => api.tryArticles(query) });
  const percent = new Intl.NumberFormat(locale, { style: 'percent' });
  return (
    <aside className={s.try} aria-labelledby="articles-try">
      <h2 id="articles-try">{t('articles.try')}</h2>
      <p className={team.text}>{t('articles.tryText')}</p>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (query.trim()) run.mutate();
        }}
      >
        <Field label={t('articles.question')} value={query} maxLength={500} onChange={(e) => setQuery(e.target.value)} />
        <Button type="submit" disabled={run.isPending || !query.trim()}>
          {t('articles.tryDo')}
        </Button>
      </form>
      {run.isError && (
        <p role="alert" className={team.wrong}>
          {reason(run.error, t)}
        </p>
      )}
      <div role="status">
        {run.data &&
          (run.data.length === 0 ? (
            <p className={team.text}>{t('articles.noHit')}</p>
          ) : (
            <ol className={s.hits}>
              {run.data.map((h) => (
                <li key={h.article.id}>
                  <b>{h.article.title}</b> <small>{t('articles.score', { score: percent.format(h.score) })}</small>
                </li>
              ))}
            </ol>
          ))}
      </div>
    </aside>
  );
}
