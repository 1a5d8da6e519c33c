/** A company as the value of a condition: chosen by its name, kept by its id. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useState } from 'react';
import { useT } from '~/app/locale';
import { companyQuery, suggestQuery } from '~/app/queries';
import { useServices } from '~/app/services';

interface Props {
  label: string;
  /** id; '' for none yet */
  value: string;
  set: (id: string) => void;
}

export function CompanyValue({ label, value, set }: Props) {
  const { t } = useT();
  const { api } = useServices();
  const list = useId();
  const [typed, setTyped] = useState<string>();
  const company = useQuery({ ...companyQuery(api, value), enabled: !!value }).data?.company;
  const q = useDeferredValue((typed ?? '').trim());
  const found = useQuery({ ...suggestQuery(api, q), enabled: q.length >= 2, placeholderData: keepPreviousData }).data?.companies ?? [];
  const same = found.find((c) => c.name.toLowerCase() === typed?.trim().toLowerCase())?.id ?? '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: `set` is another one each time; what was typed decides
  useEffect(() => {
    if (typed !== undefined && same !== value) set(same);
  }, [typed, same]);
  return (
    <>
      <input
        list={list}
        aria-label={label}
        placeholder={t('lists.company')}
        value={typed ?? company?.name ?? ''}
        maxLength={200}
        onChange={(e) => setTyped(e.target.value)}
      />
      <datalist id={list}>
        {found.map((c) => (
          <option key={c.id} value={c.name}>
            {c.domains?.join(', ')}
          </option>
        ))}
      </datalist>
    </>
  );
}
