/** Texts that are kept for messages: typed as # and their shortcut in the composer. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Hash, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { inboxesQuery, keys, snippetsQuery } from '~/app/queries';
import { useMe, useServices } from '~/app/services';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Empty, Failure, reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { Snippet } from '~core/wire';
import s from './team.module.css';

export default function SnippetsPage() {
  const { t } = useT();
  const { api } = useServices();
  const me = useMe();
  const list = useQuery(snippetsQuery(api));
  const [editing, setEditing] = useState<Snippet | 'new'>();
  const may = me.role !== 'viewer';
  return (
    <Page
      title={t('snippets.title')}
      lead={t('snippets.lead')}
      actions={
        may && (
          <Button onClick={() => setEditing('new')}>
            <Icon as={Plus} size="s" />
            {t('snippets.new')}
          </Button>
        )
      }
    >
      {list.isPending ? (
        <RowsSkeleton label={t('snippets.loading')} />
      ) : list.isError ? (
        <Failure title={t('snippets.failed')} error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={Hash} title={t('snippets.none')} text={t('snippets.noneText')} />
      ) : (
        <Scroll label={t('snippets.title')}>
          <ul className={s.cards}>
            {list.data.map((x) => (
              <li key={x.id}>
                <div>
                  <b>#{x.shortcut}</b> {x.title}
                  <p className={s.text}>{x.text}</p>
                </div>
                {may && (
                  <Button onClick={() => setEditing(x)} aria-label={t('snippets.editOf', { name: x.shortcut })}>
                    {t('teams.edit')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Scroll>
      )}
      <Dialog open={!!editing} onClose={() => setEditing(undefined)} title={t(editing === 'new' ? 'snippets.new' : 'snippets.edit')}>
        {editing && <Form snippet={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} />}
      </Dialog>
    </Page>
  );
}

function Form({ snippet, close }: { snippet?: Snippet; close: () => void }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const inboxes = useQuery(inboxesQuery(api)).data ?? [];
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: api.snippetTokens, staleTime: Number.POSITIVE_INFINITY }).data ?? [];
  const [shortcut, setShortcut] = useState(snippet?.shortcut ?? '');
  const [title, setTitle] = useState(snippet?.title ?? '');
  const [text, setText] = useState(snippet?.text ?? '');
  const [where, setWhere] = useState(new Set(snippet?.inboxes));
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const done = () => {
    void client.invalidateQueries({ queryKey: keys.snippets });
    close();
  };
  const insert = (token: string) => {
    const el = area.current;
    if (!el) return;
    const word = `{{${token}}}`;
    const at = el.selectionStart;
    setText(text.slice(0, at) + word + text.slice(el.selectionEnd));
    requestAnimationFrame(() => {
      el.focus();
      el.setSelectionRange(at + word.length, at + word.length);
    });
  };
  const submit = async () => {
    setBusy(true);
    // What has form keeps it as long as its words are the same.
    const html = snippet?.html && text === snippet.text ? { html: snippet.html } : {};
    const body = { shortcut: shortcut.trim(), title: title.trim(), text, inboxes: [...where], ...html };
    try {
      await (snippet ? api.putSnippet(snippet.id, body, snippet.revision) : api.newSnippet(body));
      done();
    } catch (err) {
      setWrong(reason(err, t));
      setBusy(false);
    }
  };
  const remove = () =>
    snippet &&
    void api
      .removeSnippet(snippet.id)
      .then(done)
      .catch((err: unknown) => toasts.show(`${t('snippets.removeFailed')} ${reason(err, t)}`));
  return (
    <form
      className={s.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={t('snippets.shortcut')}
        hint={t('snippets.shortcutHint')}
        value={shortcut}
        maxLength={40}
        data-first
        error={wrong}
        onChange={(e) => {
          setShortcut(e.target.value.replace(/^#/, ''));
          setWrong('');
        }}
      />
      <Field label={t('snippets.name')} value={title} maxLength={100} onChange={(e) => setTitle(e.target.value)} />
      <label className={s.label}>
        {t('snippets.text')}
        <textarea ref={area} className={s.area} rows={6} value={text} onChange={(e) => setText(e.target.value)} />
      </label>
      {snippet?.html && text !== snippet.text && <p className={s.text}>{t('snippets.plain')}</p>}
      {tokens.length > 0 && (
        <fieldset className={s.tokens}>
          <legend>{t('snippets.tokens')}</legend>
          {tokens.map((k) => (
            <Button key={k} onClick={() => insert(k)}>
              {k}
            </Button>
          ))}
        </fieldset>
      )}
      {inboxes.length > 1 && (
        <fieldset className={s.people}>
          <legend>{t('snippets.where')}</legend>
          {inboxes.map((i) => (
            <label key={i.id}>
              <input
                type="checkbox"
                checked={where.has(i.id)}
                onChange={(e) => {
                  const next = new Set(where);
                  if (e.target.checked) next.add(i.id);
                  else next.delete(i.id);
                  setWhere(next);
                }}
              />
              {i.name}
            </label>
          ))}
        </fieldset>
      )}
      <div className={s.buttons}>
        {snippet && (
          <Button kind="quiet" className={s.remove} onClick={remove}>
            {t('snippets.remove')}
          </Button>
        )}
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || !shortcut.trim() || !text.trim()}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
