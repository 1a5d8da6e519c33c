/**
 * The field for rich text (TipTap), loaded when it is needed. Everything that gets into it from outside, a draft, a snippet or what is pasted,
 * goes through `cleaned` and becomes nodes without ever being HTML of this page: its policy has no place for that.
 */
import { Editor, type EditorOptions } from '@tiptap/core';
import Image from '@tiptap/extension-image';
import { DOMParser as ModelParser, type Node } from '@tiptap/pm/model';
import type { EditorView } from '@tiptap/pm/view';
import StarterKit from '@tiptap/starter-kit';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useReducer, useRef } from 'react';
import { blank, paragraphs, type Written } from '~core/draft';
import { cleaned } from './clean';
import s from './RichText.module.css';
import { Toolbar } from './Toolbar';

export interface RichTextHandle {
  focus(): void;
  /** the text of the caret's paragraph before the caret */
  before(): string;
  /** puts HTML in the place of the last `n` characters before the caret */
  replace(n: number, html: string): void;
  addPicture(upload: string, name: string): void;
}

interface Props {
  ref: Ref<RichTextHandle>;
  written: Pick<Written, 'html' | 'text'>;
  /** what an untouched field begins with, as HTML */
  initial?: string;
  label: string;
  placeholder: string;
  /** the address under which an upload can be looked at */
  picture: (upload: string) => Promise<string>;
  /** `html` is '' for a text without any form */
  change: (html: string, text: string) => void;
  /** true: the key is dealt with */
  onKey: (e: KeyboardEvent) => boolean;
  /** files that were pasted or dropped */
  onFiles: (files: File[], inText: boolean) => void;
  /** ids for aria-controls and aria-activedescendant of a list that the text has opened */
  controls?: string;
  active?: string;
  described?: string;
  /** stands at the end of the toolbar */
  children?: ReactNode;
}

const blocks = { blockSeparator: '\n' };

export default function RichText(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const emitted = useRef<Pick<Written, 'html' | 'text'>>(blank);
  const [, draw] = useReducer((n: number) => n + 1, 0);

  useEffect(() => {
    const e = new Editor(options(place.current as HTMLDivElement, latest));
    editor.current = e;
    e.on('transaction', draw);
    e.on('update', () => {
      const now = { html: e.isEmpty || formless(e.state.doc) ? '' : e.getHTML(), text: e.getText(blocks) };
      emitted.current = now;
      latest.current.change(now.html, now.text);
    });
    draw();
    return () => {
      editor.current = null;
      e.destroy();
    };
  }, []);

  // A text that did not come from here: a draft that was loaded, put back or sent.
  useEffect(() => {
    const e = editor.current;
    const untouched = props.written === blank;
    const { html, text } = props.written;
    if (!e || (!untouched && html === emitted.current.html && text === emitted.current.text)) return;
    emitted.current = { html, text };
    e.commands.setContent(nodesOf(e, untouched ? (props.initial ?? '') : html || (text && paragraphs(text))), { emitUpdate: false });
    e.commands.setTextSelection(untouched ? 0 : e.state.doc.content.size); // above the signature, or where the writer stopped
  }, [props.written, props.initial]);

  useEffect(() => {
    const dom = editor.current?.view.dom;
    if (!dom) return;
    const set = (name: string, value: string | undefined) => (value ? dom.setAttribute(name, value) : dom.removeAttribute(name));
    set('aria-label', props.label);
    set('aria-placeholder', props.placeholder);
    set('aria-controls', props.controls);
    set('aria-activedescendant', props.active);
    set('aria-describedby', props.described);
  }, [props.label, props.placeholder, props.controls, props.active, props.described]);

  useImperativeHandle(props.ref, () => ({
    focus: () => editor.current?.view.focus(), // at once: the next key may be the first of the text
    before: () => {
      const at = editor.current?.state.selection.$from;
      return at ? at.parent.textBetween(0, at.parentOffset, '\n', '\ufffc') : '';
    },
    replace: (n, html) => {
      const e = editor.current;
      if (!e) return;
      const to = e.state.selection.from;
      const slice = ModelParser.fromSchema(e.schema).parseSlice(cleaned(html));
      e.view.dispatch(
        e.state.tr
          .delete(to - n, to)
          .replaceSelection(slice)
          .scrollIntoView(),
      );
      e.commands.focus();
    },
    addPicture: (upload, name) =>
      void editor.current
        ?.chain()
        .focus()
        .setImage({ src: `cid:${upload}`, alt: name })
        .run(),
  }));

  const e = editor.current;
  const empty = !e || (e.isEmpty && e.state.doc.childCount === 1 && e.state.doc.firstChild?.type.name === 'paragraph');
  return (
    <>
      <div className={s.text} data-empty={empty || undefined} data-placeholder={props.placeholder} ref={place} />
      {e && <Toolbar editor={e}>{props.children}</Toolbar>}
    </>
  );
}

function options(element: HTMLElement, latest: { current: Props }): Partial<EditorOptions> {
  return {
    element,
    injectCSS: false,
    content: { type: 'doc', content: [{ type: 'paragraph' }] }, // as text it would be parsed
    extensions: [
      StarterKit.configure({
        heading: { levels: [2, 3] },
        horizontalRule: false,
        link: { openOnClick: false, autolink: true, protocols: ['mailto', 'tel'] },
      }),
      pictures(latest),
    ],
    editorProps: {
      attributes: { role: 'textbox', 'aria-multiline': 'true', class: s.field ?? '' },
      handleKeyDown: (_view, e) => latest.current.onKey(e),
      // Before ProseMirror's own handlers, which would make HTML of the page of what is pasted.
      handleDOMEvents: {
        paste: (view, e) => take(view, e.clipboardData, latest, view.state.selection.from, e),
        drop: (view, e) =>
          !view.dragging &&
          take(view, e.dataTransfer, latest, view.posAtCoords({ left: e.clientX, top: e.clientY })?.pos ?? view.state.selection.from, e),
      },
    },
  };
}

/** Takes what was pasted or dropped; false leaves plain text to the editor. */
function take(view: EditorView, data: DataTransfer | null, latest: { current: Props }, pos: number, e: Event): boolean {
  if (!data) return false;
  const html = data.getData('text/html');
  const files = [...data.files];
  if (files.length && !html.includes('<p')) {
    e.preventDefault();
    latest.current.onFiles(files, true);
    return true;
  }
  if (!html) return false;
  e.preventDefault();
  const slice = ModelParser.fromSchema(view.state.schema).parseSlice(cleaned(html));
  const tr = e.type === 'drop' ? view.state.tr.replaceRange(pos, pos, slice) : view.state.tr.replaceSelection(slice);
  view.dispatch(tr.scrollIntoView().setMeta('paste', true));
  return true;
}

/** Whether a text is lines of characters and nothing else: it goes out as plain text. A link that shows its own address is one anyway. */
function formless(doc: Node): boolean {
  let plain = true;
  doc.descendants((n) => {
    const shown = n.text ?? '';
    plain &&=
      ['paragraph', 'text', 'hardBreak'].includes(n.type.name) &&
      n.marks.every(
        (m) => m.type.name === 'link' && [shown, `mailto:${shown}`, `https://${shown}`, `http://${shown}`].includes(String(m.attrs.href)),
      );
    return plain;
  });
  return plain;
}

function nodesOf(e: Editor, html: string) {
  return ModelParser.fromSchema(e.schema).parse(cleaned(html), { preserveWhitespace: true }).toJSON();
}

/** A picture is written as cid:<upload>, and shown from a link that is looked up. */
function pictures(latest: { current: Props }) {
  return Image.extend({
    addNodeView() {
      return ({ node }) => {
        const dom = document.createElement('img');
        dom.alt = String(node.attrs.alt ?? '');
        const upload = String(node.attrs.src ?? '').replace(/^cid:/, '');
        latest.current.picture(upload).then(
          (url) => {
            dom.src = url;
          },
          () => {
            dom.dataset.lost = '';
          },
        );
        return { dom };
      };
    },
  }).configure({ inline: true });
}
