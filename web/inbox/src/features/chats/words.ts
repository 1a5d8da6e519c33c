/** Rules and verdicts in words. */
import type { Key, useT } from '~/app/locale';
import type { Condition, Flow, Rule, Verdict } from '~core/wire';

type T = ReturnType<typeof useT>['t'];

export function conditionText(t: T, c: Condition): string {
  const what = c.kind === 'query' ? t('chats.cond.query', { name: c.name ?? '' }) : t('chats.cond.url');
  const op = t(`chats.op.${c.not ? 'not.' : ''}${c.op}` as Key);
  return c.op === 'exists' ? `${what} ${op}` : `${what} ${op} ${c.value ?? ''}`;
}

export function ruleText(t: T, r: Rule): string {
  return r.conditions.map((c) => conditionText(t, c)).join(` ${t('chats.and')} `);
}

export function targetingText(t: T, f: Flow): string {
  const rules = f.targeting.rules ?? [];
  const where = rules.length ? rules.map((r) => ruleText(t, r)).join(` ${t('chats.or')} `) : t('chats.everywhere');
  const out = f.targeting.exclude?.length ? ` ${t('chats.except', { rules: f.targeting.exclude.map((r) => ruleText(t, r)).join(', ') })}` : '';
  return where + out;
}

/** Why the flow that shows does. */
export function because(t: T, f: Flow, v: Verdict | undefined): string {
  const rule = f.targeting.rules?.[v?.fit?.rule ?? -1];
  return rule ? t('chats.because', { rule: ruleText(t, rule) }) : t('chats.becauseEverywhere');
}

export function verdictText(t: T, f: Flow | undefined, v: Verdict): string {
  if (v.outcome === 'excluded') {
    const rule = f?.targeting.exclude?.[v.fit?.excluded ?? -1];
    return t('chats.excluded', { rule: rule ? ruleText(t, rule) : '' });
  }
  if (v.outcome === 'no rule fits') {
    const failed = (f?.targeting.rules ?? []).flatMap((r, i) => {
      const c = r.conditions[v.fit?.failed?.[i] ?? -1];
      return c ? [conditionText(t, c)] : [];
    });
    return t('chats.noRule', { conditions: failed.join('; ') });
  }
  const known: Record<string, Key> = { shows: 'chats.verdict.shows', off: 'chats.verdict.off', 'not reached': 'chats.verdict.notReached' };
  return t(known[v.outcome] ?? 'chats.verdict.notReached');
}
