/** Answers that bots find: written, published and tried here. */
import { useQuery } from '@tanstack/react-query';
import { BookOpen, Plus } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { articlesQuery } from '~/app/queries';
import { useMay } from '~/app/rights';
import { useServices } from '~/app/services';
import team from '~/features/team/team.module.css';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import { Tag } from '~/ui/Tag';
import type { Article } from '~core/wire';
import { ArticleForm } from './ArticleForm';
import s from './articles.module.css';
import { Try } from './Try';

export default function ArticlesPage() {
  const { t } = useT();
  const { api } = useServices();
  const may = useMay('manager');
  const list = useQuery(articlesQuery(api));
  const [editing, setEditing] = useState<Article | 'new'>();
  return (
    <Page
      title={t('articles.title')}
      lead={t('articles.lead')}
      actions={
        may && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('articles.new')}
          </Button>
        )
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('articles.loading')} />
      ) : list.isError && !list.data ? (
        <Failure title={t('articles.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={BookOpen} title={t('articles.none')} text={t('articles.noneText')} />
      ) : (
        <Scroll label={t('articles.title')}>
          <div className={s.page}>
            <ul className={`${team.cards} ${s.list}`}>
              {list.data.map((a) => (
                <li key={a.id}>
                  <div>
                    <b>{a.title}</b> <State article={a} />
                    <p className={team.text}>{a.text}</p>
                  </div>
                  {may && (
                    <Button onClick={() => setEditing(a)} aria-label={t('articles.editOf', { name: a.title })}>
                      {t('teams.edit')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            <Try />
          </div>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'articles.new' : 'articles.edit')}>
        {editing && <ArticleForm article={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} />}
      </Dialog>
    </Page>
  );
}

function State({ article: a }: { article: Article }) {
  const { t } = useT();
  return (
    <>
      <Tag tone={a.published ? 'ok' : 'plain'}>{t(a.published ? 'articles.published' : 'articles.draft')}</Tag>{' '}
      {a.language && <Tag>{t(`articles.language.${a.language}`)}</Tag>}
    </>
  );
}
