import type { Editor } from '@tiptap/core';
import { Bold, Code, Italic, Link2, List, ListOrdered, type LucideIcon, Quote, Strikethrough } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { modifier } from '~/app/shortcuts';
import { Button } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import s from './RichText.module.css';

interface Tool {
  key: Key;
  icon: LucideIcon;
  keys: string;
  on: (e: Editor) => boolean;
  run: (e: Editor) => void;
}

const tools: Tool[] = [
  { key: 'rich.bold', icon: Bold, keys: 'B', on: (e) => e.isActive('bold'), run: (e) => e.chain().focus().toggleBold().run() },
  { key: 'rich.italic', icon: Italic, keys: 'I', on: (e) => e.isActive('italic'), run: (e) => e.chain().focus().toggleItalic().run() },
  { key: 'rich.strike', icon: Strikethrough, keys: '⇧S', on: (e) => e.isActive('strike'), run: (e) => e.chain().focus().toggleStrike().run() },
  { key: 'rich.bullets', icon: List, keys: '⇧8', on: (e) => e.isActive('bulletList'), run: (e) => e.chain().focus().toggleBulletList().run() },
  {
    key: 'rich.numbers',
    icon: ListOrdered,
    keys: '⇧7',
    on: (e) => e.isActive('orderedList'),
    run: (e) => e.chain().focus().toggleOrderedList().run(),
  },
  { key: 'rich.quote', icon: Quote, keys: '⇧B', on: (e) => e.isActive('blockquote'), run: (e) => e.chain().focus().toggleBlockquote().run() },
  { key: 'rich.code', icon: Code, keys: 'E', on: (e) => e.isActive('code'), run: (e) => e.chain().focus().toggleCode().run() },
];

/** One stop for Tab; the arrow keys go from tool to tool (WAI-ARIA toolbar). */
export function Toolbar({ editor, children }: { editor: Editor; children?: ReactNode }) {
  const { t } = useT();
  const [linking, setLinking] = useState<string | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const move = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (!by) return;
    const all = [...(bar.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
    const next = all[(all.indexOf(e.target as HTMLButtonElement) + by + all.length) % all.length];
    next?.focus();
    e.preventDefault();
  };
  const openLink = () => setLinking(String(editor.getAttributes('link').href ?? ''));
  return (
    <>
      {linking !== null && <LinkForm editor={editor} url={linking} close={() => setLinking(null)} />}
      <div className={s.tools} role="toolbar" aria-label={t('rich.label')} ref={bar} onKeyDown={move}>
        {tools.map((x, i) => (
          <button
            key={x.key}
            type="button"
            tabIndex={i === 0 ? 0 : -1}
            aria-label={t(x.key)}
            title={`${t(x.key)} (${modifier} ${x.keys})`}
            aria-pressed={x.on(editor)}
            onMouseDown={(e) => e.preventDefault()}
            onClick={() => x.run(editor)}
          >
            <Icon as={x.icon} size="s" />
          </button>
        ))}
        <button
          type="button"
          tabIndex={-1}
          aria-label={t('rich.link')}
          title={t('rich.link')}
          aria-pressed={editor.isActive('link')}
          onMouseDown={(e) => e.preventDefault()}
          onClick={openLink}
        >
          <Icon as={Link2} size="s" />
        </button>
        {children}
      </div>
    </>
  );
}

/** A link is an address of the web, or one to write to; what is neither is made one where that is plain. */
function addressOf(text: string): string {
  const s = text.trim();
  if (/^(?:https?|mailto|tel):/i.test(s)) return s;
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(s)) return `mailto:${s}`;
  return /^[^\s/:]+\.[^\s/:]+/.test(s) ? `https://${s}` : '';
}

function LinkForm({ editor, url, close }: { editor: Editor; url: string; close: () => void }) {
  const { t } = useT();
  const [value, setValue] = useState(url);
  const [bad, setBad] = useState(false);
  const done = () => {
    close();
    editor.commands.focus();
  };
  const set = (e: FormEvent) => {
    e.preventDefault();
    e.stopPropagation();
    const href = addressOf(value);
    if (!href) return setBad(true);
    const chain = editor.chain().focus().extendMarkRange('link');
    if (editor.state.selection.empty && !editor.isActive('link'))
      chain.insertContent({ type: 'text', text: value.trim(), marks: [{ type: 'link', attrs: { href } }] }).run();
    else chain.setLink({ href }).run();
    close();
  };
  return (
    <search className={s.linking}>
      <label>
        {t('rich.linkTo')}
        <input
          // biome-ignore lint/a11y/noAutofocus: it opens because its button was pressed
          autoFocus
          value={value}
          inputMode="url"
          aria-invalid={bad || undefined}
          onChange={(e) => {
            setValue(e.target.value);
            setBad(false);
          }}
          onKeyDown={(e) => {
            if (e.key === 'Enter') set(e);
            if (e.key === 'Escape') {
              e.stopPropagation();
              done();
            }
          }}
        />
      </label>
      <Button onClick={set}>{t('rich.linkSet')}</Button>
      {url && (
        <Button
          onClick={() => {
            editor.chain().focus().extendMarkRange('link').unsetLink().run();
            close();
          }}
        >
          {t('rich.linkRemove')}
        </Button>
      )}
      {bad && <p role="alert">{t('rich.linkBad')}</p>}
    </search>
  );
}
