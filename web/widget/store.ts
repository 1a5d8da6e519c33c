/**
 * What a browser keeps of its chat: localStorage, or memory where that is forbidden. No cookies.
 * Owns: the one key. Never: what is kept means. Imported by: loader, panel.
 */
import type { BotShown } from './api';

export interface Said {
  client: string;
  text: string;
  at: string;
  page: string;
  title: string;
  flow: string;
  lang?: string;
  /** what the bot's opening that was read before it was made of */
  shown?: BotShown;
  /** the newest entry that was shown when it was written */
  seen?: number;
  /** the server has it; it leaves the outbox when its line comes */
  kept?: boolean;
}

export interface Kept {
  token?: string;
  /** whom the page said this is: their external id; '' for nobody */
  who?: string;
  /** the server did not believe it: this browser chats as nobody */
  doubted?: boolean;
  /** which of this browser's conversations is shown, counted from 1 */
  n: number;
  /** the last entry the visitor has seen */
  seen: number;
  /** the conversation has begun: a new page looks for answers */
  begun?: boolean;
  /** messages whose lines have not come back yet */
  outbox: Said[];
  /** the visitor closed the question for an address */
  asked?: boolean;
}

export class Keep {
  private memory: Kept = { n: 1, seen: 0, outbox: [] };
  private readonly key: string;

  /** Without `lasting` nothing is written: a preview. */
  constructor(
    account: string,
    private readonly lasting = true,
  ) {
    this.key = `parley.${account}`;
  }

  get(): Kept {
    if (!this.lasting) return this.memory;
    try {
      const raw = localStorage.getItem(this.key);
      if (raw) this.memory = { ...this.memory, ...(JSON.parse(raw) as Kept) };
    } catch {
      // forbidden or damaged: memory has to do
    }
    return this.memory;
  }

  /** Reads before it writes: another tab may have changed something else. */
  set(patch: Partial<Kept>): Kept {
    this.memory = { ...this.get(), ...patch };
    if (!this.lasting) return this.memory;
    try {
      localStorage.setItem(this.key, JSON.stringify(this.memory));
    } catch {
      // full or forbidden
    }
    return this.memory;
  }

  /** Whoever else is signed in on the page now finds nothing of who was before. */
  settle(who: string): boolean {
    if ((this.get().who ?? '') === who) return false;
    this.clear();
    this.set({ who });
    return true;
  }

  /** The same somebody, with another standing: what they have typed meanwhile goes on. */
  fresh(who: string, doubted = false): void {
    const { outbox } = this.get();
    this.clear();
    this.set({ who, doubted, outbox });
  }

  clear(): void {
    this.memory = { n: 1, seen: 0, outbox: [] };
    try {
      localStorage.removeItem(this.key);
    } catch {
      // nothing was kept
    }
  }
}
