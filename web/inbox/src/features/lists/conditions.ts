/** What a list of contacts can ask for, as shared/people's Condition.Check says. */
import type { ListCondition, Property } from '~core/wire';

export type Op = ListCondition['op'];
type Kind = Property['kind'];

/** What besides properties a condition can be about, and how it is compared. */
export const fixed = {
  name: 'text',
  address: 'text',
  domain: 'text',
  phone: 'text',
  company: 'choice',
  list: 'choice',
  created: 'date',
  active: 'date',
  claimed: 'choice',
} as const satisfies Record<string, Kind>;
export type Fixed = keyof typeof fixed;

const ops: Record<Kind, Op[]> = {
  text: ['is', 'isNot', 'contains', 'begins', 'set', 'unset'],
  number: ['is', 'isNot', 'before', 'after', 'set', 'unset'],
  date: ['is', 'before', 'after', 'within', 'earlier', 'set', 'unset'],
  choice: ['is', 'isNot', 'set', 'unset'],
  owner: ['is', 'isNot', 'set', 'unset'],
  lifecycle: ['is', 'isNot', 'set', 'unset'],
};

export function kindOf(on: string, properties: Property[]): Kind {
  return (fixed as Record<string, Kind>)[on] ?? properties.find((p) => p.of === 'contact' && p.id === on)?.kind ?? 'text';
}

export function opsOf(on: string, properties: Property[]): Op[] {
  if (on === 'list') return ['is', 'isNot'];
  return ops[kindOf(on, properties)];
}

/** How a comparison is called: of numbers less and more, of lists being on them. */
export function wordOf(op: Op, on: string, properties: Property[]) {
  if (on === 'list' && (op === 'is' || op === 'isNot')) return op === 'is' ? 'on' : 'notOn';
  if (kindOf(on, properties) === 'number' && (op === 'before' || op === 'after')) return op === 'before' ? 'less' : 'more';
  return op;
}

export const needsValue = (op: Op): boolean => op !== 'set' && op !== 'unset';
export const takesDays = (op: Op): boolean => op === 'within' || op === 'earlier';

/** Another subject: the comparison stays if it can, the value goes. */
export function turnTo(c: ListCondition, on: string, properties: Property[]): ListCondition {
  const may = opsOf(on, properties);
  return { on, op: may.includes(c.op) ? c.op : (may[0] ?? 'is'), value: '' };
}

/** As it is sent: nothing where nothing is asked. */
export function tidy(list: ListCondition[]): ListCondition[] {
  return list.map((c) => (needsValue(c.op) ? { ...c, value: (c.value ?? '').trim() } : { on: c.on, op: c.op }));
}
