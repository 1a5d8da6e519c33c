/**
 * What is true of a thread only for a moment: who has it open, who types, whether the visitor of a chat is there and what they have read.
 * Owns: how long a word is believed. Never: the socket. Imported by: live, thread.
 */
import { useSyncExternalStore } from 'react';
import type { Frame, Party } from '~core/wire';

export interface Presence {
  viewers: Party[];
  /** who types, newest last; one entry a person */
  typing: Party[];
  /** undefined: nobody has said */
  visitor?: boolean;
  /** the last entry the visitor has read */
  seen: number;
}

export const nobody: Presence = { viewers: [], typing: [], seen: 0 };
const typingLife = 5_000; // clients repeat it every 3 s

const same = (a: Party, b: Party) => a.kind === b.kind && a.id === b.id;

export class PresenceBook {
  private readonly threads = new Map<string, Presence>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<() => void>();

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  of(thread: string): Presence {
    return this.threads.get(thread) ?? nobody;
  }

  /** Takes a frame, if it is one of these. */
  hear(f: Frame): boolean {
    if (f.t === 'viewing') this.patch(f.thread, { viewers: f.viewers });
    else if (f.t === 'visitor') this.patch(f.thread, { visitor: f.online });
    else if (f.t === 'seen' && f.who.kind === 'visitor') this.patch(f.thread, { seen: Math.max(this.of(f.thread).seen, f.seq) });
    else if (f.t === 'typing') this.types(f.thread, f.who);
    else return f.t === 'seen';
    return true;
  }

  /** A message came in: whoever wrote it does not type any more. */
  wrote(thread: string, kind: string, id?: string): void {
    const p = this.of(thread);
    const typing = p.typing.filter((w) => w.kind !== kind || (kind === 'agent' && w.id !== id));
    if (typing.length !== p.typing.length) this.patch(thread, { typing });
  }

  /** The line was lost, or the thread is left: nothing of it is known. */
  forget(thread?: string): void {
    if (thread) this.threads.delete(thread);
    else this.threads.clear();
    this.tell();
  }

  private types(thread: string, who: Party): void {
    this.patch(thread, { typing: [...this.of(thread).typing.filter((w) => !same(w, who)), who] });
    const key = `${thread} ${who.kind} ${who.id ?? ''}`;
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => this.patch(thread, { typing: this.of(thread).typing.filter((w) => !same(w, who)) }), typingLife),
    );
  }

  private patch(thread: string, p: Partial<Presence>): void {
    this.threads.set(thread, { ...this.of(thread), ...p });
    this.tell();
  }

  private tell(): void {
    for (const fn of this.listeners) fn();
  }
}

export function usePresence(book: PresenceBook, thread: string): Presence {
  return useSyncExternalStore(book.subscribe, () => book.of(thread));
}
