/** The body of a message to people outside: rich text, its pictures, its files, snippets. Used by replies, forwards and first messages alike. */
import { Paperclip } from 'lucide-react';
import { lazy, type ReactNode, type Ref, Suspense, useImperativeHandle, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Icon } from '~/ui/Icon';
import { paragraphs, shownIn, type Written } from '~core/draft';
import type { DraftFile } from '~core/wire';
import s from './Composer.module.css';
import { FileList } from './FileList';
import type { RichTextHandle } from './RichText';
import { SuggestList, useSuggest } from './Suggest';
import { type Called, calledBy } from './suggest';
import { pictureOf } from './uploads';
import { useFiles } from './useFiles';

const load = () => import('./RichText');
const RichText = lazy(load);
/** Fetches the editor before it is needed. */
export const preloadEditor = () => void load();

export interface LetterHandle {
  focus(): void;
  /** files are still on their way */
  busy(): boolean;
}

interface Props {
  ref: Ref<LetterHandle>;
  written: Written;
  change: (patch: Partial<Written>) => void;
  /** the text that an untouched letter begins with */
  initial: string;
  label: string;
  placeholder: string;
  inbox: string;
  /** whose tokens a snippet fills; without one it is put in as it is */
  thread?: string;
  send: () => void;
  typing?: () => void;
  described?: string;
  children?: ReactNode;
}

export function Letter({ ref, written, change, initial, label, placeholder, inbox, thread, send, typing, described, children }: Props) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const editor = useRef<RichTextHandle>(null);
  const wanted = useRef(false);
  const picker = useRef<HTMLInputElement>(null);
  const [called, setCalled] = useState<Called | null>(null);
  const now = useRef(written);
  now.current = written;
  const files = useFiles((f, inText) => {
    change({ files: [...now.current.files, f] });
    if (inText && f.upload) editor.current?.addPicture(f.upload, f.name ?? '');
  });
  const suggest = useSuggest(called, inbox, (i) => {
    if (i.kind !== 'snippet') return;
    const n = (called?.word.length ?? 0) + 1;
    setCalled(null);
    const filled = thread ? api.fillSnippet(thread, i.id) : Promise.resolve(i.snippet);
    filled.then(
      (x) => editor.current?.replace(n, x.html || paragraphs(x.text)),
      () => toasts.show(t('composer.snippetFailed')),
    );
  });
  useImperativeHandle(ref, () => ({
    focus: () => {
      if (editor.current) editor.current.focus();
      else wanted.current = true;
    },
    busy: () => files.busy,
  }));
  const onKey = (e: KeyboardEvent): boolean => {
    if (suggest.onKey(e)) return true;
    if (e.key === 'Enter' && (e.metaKey || e.ctrlKey)) {
      e.preventDefault();
      send();
      return true;
    }
    if (e.key === 'Escape') {
      e.stopPropagation();
      (document.activeElement as HTMLElement | null)?.blur();
      return true;
    }
    return false;
  };
  const remove = (f: DraftFile) => {
    change({ files: written.files.filter((x) => x !== f) });
    if (f.upload) void api.dropUpload(f.upload).catch(() => undefined);
  };
  const shown = shownIn(written.html);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way more; the button for files is the other
    <div
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        if (e.defaultPrevented || e.dataTransfer.files.length === 0) return;
        e.preventDefault();
        files.add([...e.dataTransfer.files], false);
      }}
    >
      <SuggestList of={suggest} />
      <Suspense fallback={<div className={s.loading} aria-busy="true" />}>
        <RichText
          ref={(h) => {
            editor.current = h;
            if (!h || !wanted.current) return;
            wanted.current = false;
            setTimeout(() => h.focus());
          }}
          written={written}
          initial={initial}
          label={label}
          placeholder={placeholder}
          picture={(id) => pictureOf(api, id)}
          change={(html, text) => {
            change({ html, text });
            setCalled(calledBy(editor.current?.before() ?? '', '#'));
            typing?.();
          }}
          onKey={onKey}
          onFiles={files.add}
          controls={suggest.open ? suggest.id : undefined}
          active={suggest.active}
          described={described}
        >
          <button type="button" tabIndex={-1} aria-label={t('composer.attach')} title={t('composer.attach')} onClick={() => picker.current?.click()}>
            <Icon as={Paperclip} size="s" />
          </button>
        </RichText>
      </Suspense>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={t('composer.attach')}
        onChange={(e) => {
          files.add([...(e.target.files ?? [])], false);
          e.target.value = '';
        }}
      />
      <FileList files={written.files.filter((f) => !shown.has(f.upload ?? ''))} coming={files} remove={remove} />
      {children}
    </div>
  );
}
