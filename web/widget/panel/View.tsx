/** @jsxImportSource preact */
/** The panel's shape: head, log, questions, composer. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Flow } from '../api';
import type { Mount } from '../loader';
import type { T } from '../text';
import { Ask, AwayForm } from './Ask';
import { Composer } from './Composer';
import type { Chat } from './chat';
import { Face, Icon } from './Face';
import { Log } from './Log';

interface Props {
  o: Mount;
  flow: Flow;
  chat: Chat;
  t: T;
  open: boolean;
  refused: string;
}

const phone = '(max-width: 480px)';

export function View({ o, flow, chat, t, open, refused }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const s = chat.shown;
  const away = !flow.there && !flow.bot; // a bot answers at any time
  useEffect(() => {
    if (o.quiet) return;
    // On a phone the keyboard would jump up before anything can be read.
    if (open && !matchMedia('(pointer: coarse)').matches) box.current?.querySelector<HTMLElement>('input, textarea')?.focus();
    else if (open) box.current?.focus();
  }, [open, o.quiet]);
  useEffect(() => {
    if (!open) return;
    const key = (e: KeyboardEvent) => {
      if (e.key === 'Escape') o.close();
      else if (e.key === 'Tab' && matchMedia(phone).matches) trap(e, box.current);
    };
    const el = box.current;
    el?.addEventListener('keydown', key);
    return () => el?.removeEventListener('keydown', key);
  }, [open, o]);
  const before = !flow.bot && flow.askEmail === 'before' && !s.email && !s.begun;
  const form = away && flow.away.mode === 'form' && !s.begun;
  return (
    <div ref={box} class={open ? 'p' : 'p gone'} role="dialog" aria-label={t('panel.label', { title: o.config.title })} tabIndex={-1} hidden={!open}>
      <Head o={o} flow={flow} t={t} chat={chat} />
      {refused ? (
        <p class="note" role="alert">
          {t('state.refused', { reason: refused })}
        </p>
      ) : (
        <>
          <Log
            chat={chat}
            api={o.api}
            t={t}
            lang={o.lang}
            welcome={welcome(flow, away, t)}
            opening={s.greeting?.flow === flow.id ? s.greeting.opening : flow.opening}
            open={open}
          />
          {s.offline && (
            <p class="note warn" role="status">
              {t('state.offline')}
            </p>
          )}
          {form ? (
            <AwayForm chat={chat} t={t} />
          ) : before ? (
            <Ask chat={chat} keep={o.keep} t={t} first />
          ) : (
            <>
              <Later chat={chat} o={o} flow={flow} t={t} away={away} />
              <Composer chat={chat} t={t} open={open} onUse={() => o.event('userInteractedWithWidget')} />
            </>
          )}
        </>
      )}
      <footer>
        {o.config.privacy && (
          <a href={o.config.privacy} target="_blank" rel="noopener noreferrer">
            {t('panel.privacy')}
          </a>
        )}
      </footer>
    </div>
  );
}

function welcome(flow: Flow, away: boolean, t: T): string {
  if (flow.bot) return '';
  if (away && flow.away.mode !== 'hide') return flow.away.text || t('away.default');
  return flow.welcome;
}

/** The question for an address after the first message, or while nobody is there. */
function Later({ chat, o, flow, t, away }: { chat: Chat; o: Mount; flow: Flow; t: T; away: boolean }) {
  const s = chat.shown;
  const wanted = !flow.bot && flow.askEmail !== 'never' && (s.begun || s.pending.length > 0 || away);
  const asking = useRef(false);
  if (s.email && asking.current) {
    return (
      <p class="note" role="status">
        {t('ask.saved', { email: s.email })}
      </p>
    );
  }
  if (!wanted || s.email || o.keep.get().asked) return null;
  asking.current = true;
  return <Ask chat={chat} keep={o.keep} t={t} />;
}

function Head({ o, flow, t, chat }: { o: Mount; flow: Flow; t: T; chat: Chat }) {
  const [menu, setMenu] = useState(false);
  const meeting = flow.people.find((p) => p.meeting);
  return (
    <header>
      {flow.people.length > 0 && (
        <div class="faces" aria-hidden="true">
          {flow.people.map((p) => (
            <Face key={p.face} id={p.face} name={p.name} src={p.picture ? o.api.face(p.face) : ''} />
          ))}
        </div>
      )}
      <div class="who">
        <h2>{o.config.title}</h2>
        <p>
          <i class={flow.there ? 'on' : ''} />
          {t(flow.there ? 'panel.there' : 'panel.away')}
        </p>
      </div>
      <div class="tools">
        {(chat.shown.begun || meeting) && (
          <button type="button" aria-label={t('panel.menu')} aria-expanded={menu} onClick={() => setMenu(!menu)}>
            <Icon d="M5 12h.01M12 12h.01M19 12h.01" />
          </button>
        )}
        <button type="button" aria-label={t('panel.close')} onClick={o.close}>
          <Icon d="m6 9 6 6 6-6" />
        </button>
      </div>
      {menu && (
        <div class="menu">
          {meeting?.meeting && (
            <a href={meeting.meeting} target="_blank" rel="noopener noreferrer">
              {t('panel.meeting', { name: meeting.name })}
            </a>
          )}
          {chat.shown.begun && (
            <button
              type="button"
              onClick={() => {
                setMenu(false);
                void chat.fresh();
              }}
            >
              {t('panel.new')}
            </button>
          )}
        </div>
      )}
    </header>
  );
}

/** Keeps Tab inside where the panel covers the page. */
function trap(e: KeyboardEvent, box: HTMLElement | null): void {
  const all = [...(box?.querySelectorAll<HTMLElement>('button, a[href], input, textarea') ?? [])];
  const root = box?.getRootNode() as ShadowRoot;
  const [first, last] = [all[0], all.at(-1)];
  if (e.shiftKey && root.activeElement === first) {
    e.preventDefault();
    last?.focus();
  } else if (!e.shiftKey && root.activeElement === last) {
    e.preventDefault();
    first?.focus();
  }
}
