/**
 * Remote images of mails: whose are shown without asking, and loading them a few at a time.
 * Owns: the list of senders, which this browser keeps for each agent; the queue. Never: the frame. Imported by: MailFrame.
 */
import type { MessageReceived, MessageSent } from '~core/wire';

const most = 500; // senders; the oldest go first
const heard = new Set<() => void>();

export function subscribe(f: () => void): () => void {
  heard.add(f);
  return () => heard.delete(f);
}

const key = (agent: string) => `parley.images.${agent}`;

function senders(agent: string): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key(agent)) ?? '[]');
    return Array.isArray(list) ? list.filter((s): s is string => typeof s === 'string') : [];
  } catch {
    return [];
  }
}

export const isAlways = (agent: string, sender: string) => sender !== '' && senders(agent).includes(sender.toLowerCase());

/** Remembers that images of a sender are shown, or are not. A browser that keeps nothing forgets it with the page. */
export function setAlways(agent: string, sender: string, on: boolean): void {
  const rest = senders(agent).filter((s) => s !== sender.toLowerCase());
  try {
    localStorage.setItem(key(agent), JSON.stringify(on ? [...rest, sender.toLowerCase()].slice(-most) : rest));
  } catch {
    return;
  }
  for (const f of heard) f();
}

/** What says that a mail may not be from whom it names. */
const doubts = new Set(['dmarc', 'spam', 'spam-unsure', 'virus', 'no-from']);

/** The address whose word counts for this mail, "" if the mail may be somebody else's: whoever forges a known sender would learn who reads it. */
export function senderOf(mail: MessageReceived | MessageSent): string {
  if ('delivery' in mail) return ''; // our own
  return mail.thirdParty || mail.problems?.some((p) => doubts.has(p.name)) ? '' : mail.from.email;
}

export interface Slot {
  url: string;
  done(ok: boolean): void;
}

/**
 * Fetches images `width` at a time, in order: the proxy waits for strangers, and a newsletter with a hundred of them must not be all that the API
 * does. Each is fetched here, by this page; the frame, in which no listener is sure to run, then finds it in the cache. Returns what stops it.
 */
export function load(slots: readonly Slot[], width = 6, make: () => HTMLImageElement = () => new Image()): () => void {
  const waiting = [...slots];
  let stopped = false;
  const next = () => {
    const slot = waiting.shift();
    if (!slot || stopped) return;
    const img = make();
    const end = (ok: boolean) => {
      if (stopped) return;
      slot.done(ok);
      next();
    };
    img.onload = () => end(true);
    img.onerror = () => end(false);
    img.src = slot.url;
  };
  for (let i = 0; i < width; i++) next();
  return () => {
    stopped = true;
  };
}
