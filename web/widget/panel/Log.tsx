/** @jsxImportSource preact */
/** What was said, newest below. */
import { useEffect, useRef } from 'preact/hooks';
import type { Api, BotLine, VisitorBot, VisitorLine } from '../api';
import type { Said } from '../store';
import type { T } from '../text';
import type { Chat } from './chat';
import { Face, Icon } from './Face';

interface Props {
  chat: Chat;
  api: Api;
  t: T;
  lang: string;
  welcome: string;
  /** what a bot says before anybody has written */
  opening?: BotLine[] | null;
  open: boolean;
}

export function Log({ chat, api, t, lang, welcome, opening, open }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const s = chat.shown;
  const count = s.lines.length + s.pending.length;
  const was = useRef('');
  useEffect(() => {
    const now = `${open} ${count} ${s.typing} ${s.closed}`;
    if (open && now !== was.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    was.current = now;
  });
  const mine = s.lines.filter((l) => l.by === 'visitor').at(-1);
  const read = mine && (s.seenByAgent >= mine.seq || s.lines.some((l) => l.by !== 'visitor' && l.seq > mine.seq));
  const known = new Set(s.lines.map((l) => l.client));
  const pending = s.pending.filter((p) => !known.has(p.client));
  const first = s.begun || s.lines.length > 0 ? [] : (opening ?? []);
  const last: VisitorBot | undefined | null = first.at(-1) ?? s.lines.at(-1)?.bot;
  const choices = pending.length === 0 && !s.closed && !s.held ? last?.choices : undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div class="log" ref={box} role="log" aria-label={t('panel.log')} tabIndex={0}>
      {welcome && <p class="m">{welcome}</p>}
      {first.map((l, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an opening does not move
        <p key={i} class="m">
          <Text text={words(l.text, l)} />
          <More bot={l} api={api} lang={lang} />
        </p>
      ))}
      {s.lines.map((l, i) => (
        <Line key={l.seq} line={l} before={s.lines[i - 1]} after={s.lines[i + 1]} t={t} lang={lang} api={api} />
      ))}
      {mine && pending.length === 0 && s.lines.at(-1) === mine && (
        <p class="st">
          <Icon d={read ? 'm2 13 4 4 8-9m-2 8 1 1 8-9' : 'm5 13 4 4L19 7'} />
          {t(read ? 'line.seen' : 'line.sent')}
        </p>
      )}
      {pending.map((p) => (
        <Pending key={p.client} said={p} chat={chat} t={t} />
      ))}
      {choices && (
        <div class="qr">
          {choices.map((c) => (
            <button key={c} type="button" onClick={() => chat.say(c)}>
              {c}
            </button>
          ))}
        </div>
      )}
      {s.closed && <p class="day">{t('line.closed')}</p>}
      {s.typing && (
        <p class="ty">
          <b aria-hidden="true">
            <i />
            <i />
            <i />
          </b>
          {s.typing !== '…' && t('line.typing', { name: s.typing })}
        </p>
      )}
    </div>
  );
}

function Line({ line, before, after, t, lang, api }: { line: VisitorLine; before?: VisitorLine; after?: VisitorLine; t: T; lang: string; api: Api }) {
  const out = line.by === 'visitor';
  const who = (l?: VisitorLine) => (l ? l.by + (l.who ?? '') : '');
  const day = (l?: VisitorLine) => (l ? new Date(l.at).toDateString() : '');
  const date = day(before) !== day(line) ? new Date(line.at) : undefined;
  return (
    <>
      {date && (
        <p class="day">
          {date.toDateString() === new Date().toDateString() ? t('line.today') : new Intl.DateTimeFormat(lang, { dateStyle: 'medium' }).format(date)}
        </p>
      )}
      {!out && line.name && (who(before) !== who(line) || date) && (
        <p class="nm">
          <Face id={line.who ?? ''} name={line.name} src="" />
          {line.name}
        </p>
      )}
      <p
        class={`m ${out ? 'o' : ''} ${who(after) === who(line) ? '' : 'l'}`}
        title={new Intl.DateTimeFormat(lang, { timeStyle: 'short' }).format(new Date(line.at))}
      >
        <span class="sr">{out ? t('line.you') : line.name || t('line.bot')}: </span>
        <Text text={words(line.text, line.bot)} />
        {line.bot && <More bot={line.bot} api={api} lang={lang} />}
        {line.mail && <small>{t('line.mail')}</small>}
        {line.files ? <small>{t('line.files')}</small> : null}
      </p>
    </>
  );
}

/** A line's text, unless it only says in words what is shown besides. */
function words(text = '', bot?: VisitorBot): string {
  return bot && [bot.alt, bot.label, bot.link, bot.file?.name, bot.image].includes(text) ? '' : text;
}

/** What a bot shows besides its text. */
function More({ bot, api, lang }: { bot: VisitorBot; api: Api; lang: string }) {
  const { file } = bot;
  const picture = file?.picture ? api.file(file.id) : bot.image;
  return (
    <>
      {picture && <img src={picture} alt={bot.alt ?? ''} loading="lazy" referrerpolicy="no-referrer" />}
      {file && !file.picture && <To href={api.file(file.id)} words={`${file.name} (${size(lang, file.size)})`} />}
      {bot.link && <To href={bot.link} words={bot.label || bot.link} />}
    </>
  );
}

function To({ href, words }: { href: string; words: string }) {
  return (
    <a class="to" href={href} target="_blank" rel="noopener noreferrer">
      {words}
    </a>
  );
}

const size = (lang: string, n: number) => {
  const big = n >= 1e6;
  return new Intl.NumberFormat(lang, { style: 'unit', unit: big ? 'megabyte' : 'kilobyte', maximumFractionDigits: 1 }).format(n / (big ? 1e6 : 1e3));
};

/** Text with its addresses as links; never HTML. */
function Text({ text }: { text: string }) {
  return (
    <>
      {text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/).map((part, i) =>
        i % 2 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text do not move
          <a key={i} href={part} target="_blank" rel="noopener noreferrer nofollow">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </>
  );
}

function Pending({ said, chat, t }: { said: Said; chat: Chat; t: T }) {
  const why = chat.shown.refused[said.client];
  return (
    <>
      <p class="m o l wait">
        <span class="sr">{t('line.you')}: </span>
        {said.text}
      </p>
      {why === undefined ? (
        !said.kept && <p class="st">{t(chat.shown.offline ? 'line.waiting' : 'line.sending')}</p>
      ) : (
        <p class="st bad" role="alert">
          {t('line.failed', { reason: why })}
          <button type="button" onClick={() => chat.retry(said.client)}>
            {t('line.retry')}
          </button>
          <button type="button" onClick={() => chat.discard(said.client)}>
            {t('line.discard')}
          </button>
        </p>
      )}
    </>
  );
}
