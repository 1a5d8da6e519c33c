/** The field for plain text: notes, where "@" calls somebody, and chats. */
import { type KeyboardEvent, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import s from './Composer.module.css';
import { SuggestList, useSuggest } from './Suggest';
import { type Called, calledBy } from './suggest';

export interface PlainHandle {
  focus(): void;
}

interface Props {
  ref: Ref<PlainHandle>;
  text: string;
  change: (text: string) => void;
  label: string;
  placeholder: string;
  inbox: string;
  thread: string;
  /** what calls something up here */
  signs: string;
  send: () => void;
  typing: () => void;
}

export function Plain({ ref, text, change, label, placeholder, inbox, thread, signs, send, typing }: Props) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const area = useRef<HTMLTextAreaElement>(null);
  const [called, setCalled] = useState<Called | null>(null);
  const insert = (n: number, words: string) => {
    const el = area.current;
    if (!el) return;
    const at = el.selectionStart;
    // At once: the next key comes behind it.
    flushSync(() => {
      change(`${el.value.slice(0, at - n)}${words}${el.value.slice(at)}`);
      setCalled(null);
    });
    el.focus();
    el.setSelectionRange(at - n + words.length, at - n + words.length);
  };
  const suggest = useSuggest(called, inbox, (i) => {
    const n = (called?.word.length ?? 0) + 1;
    if (i.kind !== 'snippet') return insert(n, `@${i.label} `);
    api.fillSnippet(thread, i.id).then(
      (x) => insert(n, x.text),
      () => toasts.show(t('composer.snippetFailed')),
    );
  });
  useImperativeHandle(ref, () => ({ focus: () => area.current?.focus() }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const el = area.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, window.innerHeight * 0.4)}px`;
  }, [text]);
  const onKey = (e: KeyboardEvent) => {
    if (suggest.onKey(e)) return;
    if (e.key === 'Enter' && (e.metaKey || e.ctrlKey)) {
      e.preventDefault();
      send();
    } else if (e.key === 'Escape') {
      e.stopPropagation();
      area.current?.blur();
    }
  };
  return (
    <>
      <SuggestList of={suggest} />
      <textarea
        ref={area}
        className={s.text}
        rows={2}
        value={text}
        onChange={(e) => {
          change(e.target.value);
          setCalled(calledBy(e.target.value.slice(0, e.target.selectionStart), signs));
          typing();
        }}
        onKeyDown={onKey}
        onBlur={() => setCalled(null)}
        aria-label={label}
        placeholder={placeholder}
        aria-controls={suggest.open ? suggest.id : undefined}
        aria-activedescendant={suggest.active}
        aria-autocomplete="list"
      />
    </>
  );
}
