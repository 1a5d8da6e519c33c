import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { snippetsQuery, teamsQuery, usersQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import s from './Suggest.module.css';
import { best, type Called, type Suggestion } from './suggest';

export interface Suggest {
  id: string;
  open: boolean;
  /** id of the chosen one, for aria-activedescendant */
  active: string | undefined;
  items: Suggestion[];
  at: number;
  /** true: the key is dealt with */
  onKey: (e: { key: string; preventDefault(): void }) => boolean;
  pick: (i: Suggestion) => void;
}

/** What fits the word before the caret. `pick` puts it in. */
export function useSuggest(called: Called | null, inbox: string, pick: (i: Suggestion) => void): Suggest {
  const { api } = useServices();
  const id = useId();
  const [at, setAt] = useState(0);
  const [shut, setShut] = useState('');
  const key = called ? called.sign + called.word : '';
  const people = called?.sign === '@';
  const users = useQuery({ ...usersQuery(api), enabled: people }).data ?? [];
  const teams = useQuery({ ...teamsQuery(api), enabled: people }).data ?? [];
  const snippets = useQuery({ ...snippetsQuery(api), enabled: called?.sign === '#' }).data ?? [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another word begins at the top
  useEffect(() => setAt(0), [key]);
  let items: Suggestion[] = [];
  if (called && people) {
    items = [
      ...best(
        users.filter((u) => !u.disabled),
        called.word,
        (u) => [u.name, u.email],
      ).map((u) => ({ kind: 'user' as const, id: u.id, label: u.name, hint: u.email, user: u })),
      ...best(teams, called.word, (x) => [x.name]).map((x) => ({ kind: 'team' as const, id: x.id, label: x.name, hint: '', team: x.id })),
    ].slice(0, 8);
  } else if (called) {
    const here = snippets.filter((x) => !x.inboxes?.length || x.inboxes.includes(inbox));
    items = best(here, called.word, (x) => [x.shortcut, x.title]).map((x) => ({
      kind: 'snippet' as const,
      id: x.id,
      label: `#${x.shortcut}`,
      hint: x.title,
      snippet: x,
    }));
  }
  const open = items.length > 0 && shut !== key;
  const chosen = Math.min(at, items.length - 1);
  const onKey: Suggest['onKey'] = (e) => {
    const item = items[chosen];
    if (!open || !item) return false;
    if (e.key === 'ArrowDown') setAt((chosen + 1) % items.length);
    else if (e.key === 'ArrowUp') setAt((chosen - 1 + items.length) % items.length);
    else if (e.key === 'Enter' || e.key === 'Tab') pick(item);
    else if (e.key === 'Escape') setShut(key);
    else return false;
    e.preventDefault();
    return true;
  };
  return { id, open, active: open ? `${id}${chosen}` : undefined, items, at: chosen, onKey, pick };
}

export function SuggestList({ of }: { of: Suggest }) {
  const { t } = useT();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[of.at]?.scrollIntoView({ block: 'nearest' });
  }, [of.at]);
  if (!of.open) return null;
  return (
    <div className={s.place}>
      <div className={s.list} id={of.id} role="listbox" aria-label={t('composer.suggested')} ref={list}>
        {of.items.map((i, n) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
          <div
            key={i.kind + i.id}
            id={`${of.id}${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === of.at}
            onMouseDown={(e) => e.preventDefault()}
            onClick={() => of.pick(i)}
          >
            <b>{i.label}</b> <span>{i.hint}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
