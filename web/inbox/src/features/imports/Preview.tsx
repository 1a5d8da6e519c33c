import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { keys, propertiesQuery } from '~/app/queries';
import { useServices } from '~/app/services';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import { BadTable } from './ImportsPage';
import s from './imports.module.css';

const own: { value: string; label: Key }[] = [
  { value: 'name', label: 'people.name' },
  { value: 'firstName', label: 'imports.firstName' },
  { value: 'lastName', label: 'imports.lastName' },
  { value: 'address', label: 'people.email' },
  { value: 'phone', label: 'people.phone' },
  { value: 'company', label: 'people.company' },
  { value: 'external', label: 'people.alias.external' },
];

/** What stands in a file, what each column shall be, and what is wrong; nothing is changed until it is started. */
export function Preview({ file, close }: { file: { upload: string; name: string }; close: () => void }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const [mapping, setMapping] = useState<string[]>();
  const [fill, setFill] = useState(false);
  const [busy, setBusy] = useState(false);
  const properties = (useQuery(propertiesQuery(api)).data ?? []).filter((p) => p.of === 'contact');
  const query = useQuery({
    queryKey: ['preview', file.upload, mapping?.join('\n') ?? ''],
    queryFn: () => api.previewImport(file.upload, mapping),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (query.isPending) return <RowsSkeleton label={t('imports.reading')} />;
  if (query.isError) return <Failure title={t('imports.unreadable')} error={query.error} retry={close} />;
  const p = query.data;
  const n = new Intl.NumberFormat(locale);
  const start = async () => {
    setBusy(true);
    try {
      await api.startImport(file.upload, file.name, p.mapping, fill);
      await client.invalidateQueries({ queryKey: keys.imports });
      close();
    } catch (err) {
      toasts.show(`${t('imports.startFailed')} ${reason(err, t)}`);
      setBusy(false);
    }
  };
  return (
    <section className={s.preview} aria-labelledby="preview">
      <h2 id="preview">{file.name}</h2>
      <p className={s.text}>{t('imports.found', { rows: n.format(p.rows), bad: n.format(p.bad) })}</p>
      {p.problem && (
        <Banner icon={TriangleAlert} tone="warn">
          {p.problem}
        </Banner>
      )}
      <div className={s.wide}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t('imports.column')}</th>
              <th scope="col">{t('imports.samples')}</th>
              <th scope="col">{t('imports.becomes')}</th>
            </tr>
          </thead>
          <tbody>
            {p.columns.map((c, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
              <tr key={i}>
                <th scope="row">{c.header}</th>
                <td>{c.samples.join(', ')}</td>
                <td>
                  <select
                    className={s.select}
                    aria-label={t('imports.becomesOf', { name: c.header })}
                    value={p.mapping[i] ?? ''}
                    onChange={(e) => setMapping(p.columns.map((_, k) => (k === i ? e.target.value : (p.mapping[k] ?? ''))))}
                  >
                    <option value="">{t('imports.nothing')}</option>
                    {own.map((o) => (
                      <option key={o.value} value={o.value}>
                        {t(o.label)}
                      </option>
                    ))}
                    {properties.map((x) => (
                      <option key={x.id} value={x.id}>
                        {x.name}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {p.badRows.length > 0 && (
        <details open>
          <summary>{t('imports.bad')}</summary>
          <BadTable rows={p.badRows} />
        </details>
      )}
      <label className={s.check}>
        <input type="checkbox" checked={fill} onChange={(e) => setFill(e.target.checked)} />
        {t('imports.fill')}
      </label>
      <div className={s.buttons}>
        <Button onClick={close}>{t('action.cancel')}</Button>
        <Button kind="primary" onClick={() => void start()} disabled={busy || !!p.problem || p.rows === p.bad}>
          {t('imports.start', { count: p.rows - p.bad, shown: n.format(p.rows - p.bad) })}
        </Button>
      </div>
    </section>
  );
}
