import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useT } from '~/app/locale';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import team from '~/features/team/team.module.css';
import { Button } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Switch } from '~/ui/Switch';
import type { Article, ArticleBody } from '~core/wire';
import s from './articles.module.css';

export function ArticleForm({ article, close }: { article?: Article | undefined; close: () => void }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const [title, setTitle] = useState(article?.title ?? '');
  const [text, setText] = useState(article?.text ?? '');
  const [language, setLanguage] = useState<ArticleBody['language']>(article?.language ?? '');
  const [published, setPublished] = useState(article?.published ?? false);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const area = useId();
  const done = () => {
    void client.invalidateQueries({ queryKey: keys.articles });
    close();
  };
  const submit = async () => {
    setBusy(true);
    const body: ArticleBody = { title: title.trim(), text: text.trim(), language, published };
    try {
      await (article ? api.putArticle(article.id, body, article.version) : api.newArticle(body));
      done();
    } catch (err) {
      setWrong(reason(err, t));
      setBusy(false);
    }
  };
  const remove = () =>
    article &&
    void api
      .removeArticle(article.id)
      .then(done)
      .catch((err: unknown) => toasts.show(`${t('articles.removeFailed')} ${reason(err, t)}`));
  return (
    <form
      className={team.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={t('articles.name')}
        hint={t('articles.nameHint')}
        value={title}
        maxLength={150}
        data-first
        error={wrong}
        onChange={(e) => {
          setTitle(e.target.value);
          setWrong('');
        }}
      />
      <div className={s.field}>
        <label htmlFor={area}>{t('articles.text')}</label>
        <textarea id={area} className={team.area} rows={10} maxLength={5000} value={text} onChange={(e) => setText(e.target.value)} />
      </div>
      <label className={team.label}>
        {t('articles.language')}
        <select className={team.select} value={language} onChange={(e) => setLanguage(e.target.value as ArticleBody['language'])}>
          <option value="">{t('articles.language.any')}</option>
          <option value="de">{t('articles.language.de')}</option>
          <option value="en">{t('articles.language.en')}</option>
        </select>
      </label>
      <Switch label={t('articles.publish')} hint={t('articles.publishHint')} on={published} set={setPublished} />
      <div className={team.buttons}>
        {article && (
          <Button kind="quiet" className={team.remove} onClick={remove}>
            {t('articles.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || !title.trim() || !text.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
