/**
 * A bot's graph, edited: each function returns a new graph and leaves the old one as it was.
 * Owns: steps, their exits, ids. Never: what is shown. Imported by: everything of the builder.
 */
import type { BotGraph, BotStep } from '~core/wire';

export type Kind = BotStep['kind'];

/** One way out of a step. `name` is '' for next; the id of a choice, branch or exit; fail, away, helped. */
export interface Exit {
  name: string;
  /** what the team calls it, '' if its name says it */
  label: string;
  to: string;
}

/** Which way out of which step. */
export interface Port {
  step: string;
  exit: string;
}

export const emptyGraph: BotGraph = { start: '', steps: [] };

/** The server sends null for no steps. */
export const tidy = (g: BotGraph): BotGraph => ({ ...g, steps: g.steps ?? [] });

export const stepOf = (g: BotGraph, id: string): BotStep | undefined => g.steps.find((s) => s.id === id);

/** Every way out of a step, whether it leads anywhere or not; those that are optional too, so that they can be drawn. */
export function exitsOf(s: BotStep): Exit[] {
  const next: Exit = { name: '', label: '', to: s.next ?? '' };
  switch (s.kind) {
    case 'flow':
    case 'end':
      return [];
    case 'handoff':
      return s.handoff?.awayNext ? [{ name: 'away', label: '', to: s.handoff.awayNext }] : [];
    case 'question': {
      const choices = (s.question?.choices ?? []).map((c) => ({ name: c.id, label: c.label, to: c.next ?? '' }));
      const fail = s.question?.fail ? [{ name: 'fail', label: '', to: s.question.fail }] : [];
      const all = s.question?.ask === 'choice' && choices.length > 0 && choices.every((c) => c.to);
      return all && !s.next ? [...choices, ...fail] : [...choices, ...fail, next];
    }
    case 'branch':
      return [...(s.branch?.branches ?? []).map((b) => ({ name: b.id, label: b.name ?? '', to: b.next ?? '' })), next];
    case 'article':
      return [{ name: 'helped', label: '', to: s.article?.helped ?? '' }, next];
    case 'webhook':
      return [...(s.webhook?.fail ? [{ name: 'fail', label: '', to: s.webhook.fail }] : []), next];
    case 'code': {
      const exits = (s.code?.exits ?? []).map((c) => ({ name: c.id, label: c.label, to: c.next ?? '' }));
      return [...exits, ...(s.code?.fail ? [{ name: 'fail', label: '', to: s.code.fail }] : []), next];
    }
    default:
      return [next];
  }
}

/** Whether an exit of a question may stay open because the step's next stands in for it. */
export const standsIn = (s: BotStep, e: Exit): boolean => s.kind === 'question' && e.name !== '' && e.name !== 'fail' && !!s.next;

const led = <T extends { id: string; next?: string }>(all: T[] | undefined, id: string, to: string): T[] | undefined =>
  all?.map((x) => (x.id === id ? { ...x, next: to || undefined } : x));

/** A step with one of its exits leading somewhere else; '' leads nowhere. */
export function withExit(s: BotStep, exit: string, to: string): BotStep {
  const end = to || undefined;
  if (exit === '') return { ...s, next: end };
  if (s.question)
    return { ...s, question: exit === 'fail' ? { ...s.question, fail: end } : { ...s.question, choices: led(s.question.choices, exit, to) } };
  if (s.branch) return { ...s, branch: { ...s.branch, branches: led(s.branch.branches, exit, to) ?? [] } };
  if (s.article && exit === 'helped') return { ...s, article: { ...s.article, helped: end } };
  if (s.webhook && exit === 'fail') return { ...s, webhook: { ...s.webhook, fail: end } };
  if (s.code) return { ...s, code: exit === 'fail' ? { ...s.code, fail: end } : { ...s.code, exits: led(s.code.exits, exit, to) } };
  if (s.handoff && exit === 'away') return { ...s, handoff: { ...s.handoff, awayNext: end } };
  return s;
}

export const put = (g: BotGraph, s: BotStep): BotGraph => ({ ...g, steps: g.steps.map((x) => (x.id === s.id ? s : x)) });

export function connect(g: BotGraph, from: Port, to: string): BotGraph {
  const s = stepOf(g, from.step);
  return s ? put(g, withExit(s, from.exit, to)) : g;
}

/** An id that no step has: the kind and a number. */
export function freshId(g: BotGraph, kind: string): string {
  const taken = new Set(g.steps.map((s) => s.id));
  for (let n = 1; ; n++) if (!taken.has(`${kind}${n}`)) return `${kind}${n}`;
}

/** An id that none of a step's choices, branches or exits has. */
export function freshExit(taken: { id: string }[]): string {
  for (let n = 1; ; n++) if (!taken.some((c) => c.id === `e${n}`)) return `e${n}`;
}

/** A new step of a kind, with nothing filled in. */
export function blank(kind: Kind, id: string): BotStep {
  const s: BotStep = { id, kind };
  switch (kind) {
    case 'message':
      return { ...s, message: { bubbles: [{ text: '' }] } };
    case 'question':
      return { ...s, question: { text: '', ask: 'text' } };
    case 'set':
      return { ...s, set: { on: 'contact', property: '', value: '' } };
    case 'subscribe':
      return { ...s, subscribe: { purpose: '', text: '', yes: '', no: '' } };
    case 'branch':
      return { ...s, branch: { branches: [{ id: 'e1', tests: [{ on: 'available' }] }] } };
    case 'meeting':
      return { ...s, meeting: { user: '', text: '' } };
    case 'handoff':
      return { ...s, handoff: { to: 'routing', text: '' } };
    case 'webhook':
      return { ...s, webhook: { url: '' } };
    case 'code':
      return { ...s, code: { source: sample } };
    case 'tag':
      return { ...s, tag: {} };
    case 'list':
      return { ...s, list: { list: '' } };
    case 'ticket':
      return { ...s, ticket: {} };
    case 'article':
      return { ...s, article: { text: '' } };
    case 'flow':
      return { ...s, flow: { flow: '' } };
    case 'end':
      return { ...s, end: {} };
  }
}

export const sample = `exports.main = (event, callback) => {
  callback({
    botMessage: 'Hello!',
    customState: {},
    responseExpected: false,
  });
};
`;

/** Whether something can stand behind a step of this kind. */
export const goesOn = (kind: Kind): boolean => kind !== 'handoff' && kind !== 'flow' && kind !== 'end';

/** Where a new step belongs: behind the selected one where it leads nowhere yet, else on its next. */
export function openPort(g: BotGraph, id: string): Port | undefined {
  const s = stepOf(g, id);
  if (!s || !goesOn(s.kind)) return undefined;
  const exits = exitsOf(s);
  const open = exits.find((e) => !e.to && !standsIn(s, e)) ?? exits.find((e) => e.name === '') ?? exits[0];
  return open && { step: id, exit: open.name };
}

/**
 * Adds a step. With `at` it stands on that exit, and what the exit led to comes behind it; the first step of a graph is its start.
 * In the list it stands below the step it comes behind.
 */
export function add(g: BotGraph, s: BotStep, at?: Port): BotGraph {
  const from = at && stepOf(g, at.step);
  const old = from ? (exitsOf(from).find((e) => e.name === at.exit)?.to ?? '') : '';
  const placed: BotStep = {
    ...s,
    ...(old && goesOn(s.kind) ? { next: old } : {}),
    ...(from && s.x === undefined ? { x: (from.x ?? 0) + 320, y: from.y ?? 0 } : {}),
  };
  const i = from ? g.steps.indexOf(from) + 1 : g.steps.length;
  const next = { ...g, start: g.start || s.id, steps: [...g.steps.slice(0, i), placed, ...g.steps.slice(i)] };
  return at && from ? connect(next, at, s.id) : next;
}

/** Leads every way that goes to one step to another. */
function redirect(g: BotGraph, from: string, to: string): BotGraph {
  const steps = g.steps.map((s) => exitsOf(s).reduce((x, e) => (e.to === from ? withExit(x, e.name, to) : x), s));
  const human = g.human?.awayNext === from ? { ...g.human, awayNext: to || undefined } : g.human;
  return { ...g, steps, ...(human ? { human } : {}), start: g.start === from ? to : g.start };
}

/** Takes a step out; what led to it leads to what came next. */
export function remove(g: BotGraph, id: string): BotGraph {
  const s = stepOf(g, id);
  if (!s) return g;
  const to = s.next && s.next !== id ? s.next : '';
  const rest = redirect({ ...g, steps: g.steps.filter((x) => x !== s) }, id, to);
  return { ...rest, start: rest.start || (rest.steps[0]?.id ?? '') };
}

/** A copy of a step, below it; nothing leads to it yet. */
export function duplicate(g: BotGraph, id: string): { graph: BotGraph; id: string } {
  const s = stepOf(g, id);
  if (!s) return { graph: g, id: '' };
  const copy = { ...structuredClone(s), id: freshId(g, s.kind), x: (s.x ?? 0) + 40, y: (s.y ?? 0) + 80 };
  const i = g.steps.indexOf(s) + 1;
  return { graph: { ...g, steps: [...g.steps.slice(0, i), copy, ...g.steps.slice(i)] }, id: copy.id };
}

/** Moves a step in the list; where ways lead stays. */
export function move(g: BotGraph, id: string, by: number): BotGraph {
  const i = g.steps.findIndex((s) => s.id === id);
  const s = g.steps[i];
  const to = Math.max(0, Math.min(g.steps.length - 1, i + by));
  if (!s || to === i) return g;
  const rest = g.steps.filter((x) => x !== s);
  return { ...g, steps: [...rest.slice(0, to), s, ...rest.slice(to)] };
}

export function place(g: BotGraph, at: Record<string, { x: number; y: number }>): BotGraph {
  return { ...g, steps: g.steps.map((s) => (at[s.id] ? { ...s, x: Math.round(at[s.id]?.x ?? 0), y: Math.round(at[s.id]?.y ?? 0) } : s)) };
}

/** Names that `{{answer.…}}` may have. */
export function answersOf(g: BotGraph): string[] {
  const names = g.steps.flatMap((s) => {
    if (s.kind === 'question') return [s.question?.into || s.id];
    if (s.kind === 'set' && s.set?.on === 'answer' && s.set.property) return [s.set.property];
    if (s.kind === 'article') return [s.id];
    if (s.kind === 'ticket') return ['ticket'];
    if (s.kind === 'webhook') return Object.keys(s.webhook?.map ?? {}).filter(Boolean);
    return [];
  });
  return [...new Set(names)];
}

/** What an exit's handle on the canvas is called, and back. */
export const handleOf = (exit: string): string => exit || 'next';
export const exitOf = (handle: string | null | undefined): string => (!handle || handle === 'next' ? '' : handle);
