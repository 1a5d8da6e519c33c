/** A test drive, turn by turn: what is shown of each. */
import type { BotEffect, BotSays, Driven, Flow } from '~core/wire';

export type Shown =
  | { of: 'bot'; line: BotSays }
  | { of: 'visitor'; text: string }
  | { of: 'effect'; effect: BotEffect; failed?: string }
  | { of: 'silence' };

/** What the turns of one input show, in their order. An effect that is waited for shows with its result, which the next turn is given. */
export function shownOf(d: Pick<Driven, 'turns'>): Shown[] {
  const out: Shown[] = [];
  for (const [i, r] of d.turns.entries()) {
    for (const line of r.turn.lines ?? []) out.push({ of: 'bot', line });
    const effects = r.turn.effects ?? [];
    const owed = r.turn.session.effect;
    for (const effect of owed && !effects.some((e) => e.id === owed.id) ? [...effects, owed] : effects) {
      const result = d.turns[i + 1]?.input.result;
      const failed = result?.effect === effect.id ? result.failed : undefined;
      out.push({ of: 'effect', effect, ...(failed ? { failed } : {}) });
    }
  }
  return out;
}

/** The last step that the turns came to: it may be an end that the session stands at no more. */
export function stepAt(d: Pick<Driven, 'turns' | 'session'>): string {
  const marks = d.turns.flatMap((r) => r.turn.marks ?? []).filter((m) => m.kind === 'reached' && m.step);
  return d.session.step || marks.at(-1)?.step || '';
}

/** Whether the bot of a session is the one that is built, or another that it went on in. */
export const elsewhere = (d: Pick<Driven, 'session'>, flow: Pick<Flow, 'id'>): boolean => d.session.flow !== flow.id || d.session.version !== 0;
