/** Contacts in and out as CSV: mapping, preview, errors by row, progress, undo; and everything as one file. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { badRowsQuery, importsQuery, keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { upload } from '~/features/composer/uploads';
import { Button } from '~/ui/Button';
import { Failure, reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import table from '~/ui/Table.module.css';
import { Tag } from '~/ui/Tag';
import { full } from '~core/time';
import type { BadRow, Import } from '~core/wire';
import s from './imports.module.css';
import { Preview } from './Preview';

export default function ImportsPage() {
  const { t } = useT();
  const { api, toasts } = useServices();
  const imports = useQuery(importsQuery(api));
  const [file, setFile] = useState<{ upload: string; name: string }>();
  const [busy, setBusy] = useState<'up' | 'down'>();
  const take = async (f: File) => {
    setBusy('up');
    try {
      const got = await upload(api, f, () => {}).done;
      setFile({ upload: got.upload ?? '', name: f.name });
    } catch (err) {
      toasts.show(`${t('imports.uploadFailed')} ${reason(err, t)}`);
    }
    setBusy(undefined);
  };
  const save = async () => {
    setBusy('down');
    try {
      const url = URL.createObjectURL(new Blob(await api.exportContacts(), { type: 'text/csv' }));
      const a = Object.assign(document.createElement('a'), { href: url, download: 'contacts.csv' });
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (err) {
      toasts.show(`${t('imports.exportFailed')} ${reason(err, t)}`);
    }
    setBusy(undefined);
  };
  return (
    <Page title={t('imports.title')} lead={t('imports.lead')}>
      <Scroll label={t('imports.title')}>
        <div className={s.page}>
          {file && <Preview file={file} close={() => setFile(undefined)} />}
          {!file && (
            <div className={s.doors}>
              <label className={s.door}>
                <Icon as={FileUp} />
                <b>{t(busy === 'up' ? 'imports.uploading' : 'imports.choose')}</b>
                <span>{t('imports.chooseText')}</span>
                <input
                  type="file"
                  accept=".csv,text/csv"
                  disabled={!!busy}
                  onChange={(e) => {
                    const f = e.target.files?.[0];
                    e.target.value = '';
                    if (f) void take(f);
                  }}
                />
              </label>
              <button type="button" className={s.door} disabled={!!busy} onClick={() => void save()}>
                <Icon as={Download} />
                <b>{t(busy === 'down' ? 'imports.exporting' : 'imports.export')}</b>
                <span>{t('imports.exportText')}</span>
              </button>
            </div>
          )}
          <h2>{t('imports.past')}</h2>
          {imports.isPending ? (
            <RowsSkeleton label={t('imports.loading')} />
          ) : imports.isError ? (
            <Failure title={t('imports.failed')} error={imports.error} retry={() => void imports.refetch()} />
          ) : imports.data.length === 0 ? (
            <p className={s.text}>{t('imports.none')}</p>
          ) : (
            <ul className={s.list}>
              {imports.data.map((i) => (
                <Row key={i.id} of={i} />
              ))}
            </ul>
          )}
        </div>
      </Scroll>
    </Page>
  );
}

const states: Record<string, Key> = {
  running: 'imports.running',
  done: 'imports.done',
  undoing: 'imports.undoing',
  undone: 'imports.undone',
  failed: 'imports.isFailed',
};

function Row({ of: i }: { of: Import }) {
  const { t, locale } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const n = new Intl.NumberFormat(locale);
  const undo = () =>
    void api
      .undoImport(i.id)
      .then(() => client.invalidateQueries({ queryKey: keys.imports }))
      .catch((err: unknown) => toasts.show(`${t('imports.undoFailed')} ${reason(err, t)}`));
  const open = i.state === 'running' || i.state === 'undoing';
  return (
    <li>
      <div>
        <b>{i.name}</b> <Tag tone={i.state === 'done' ? 'ok' : i.state === 'failed' ? 'bad' : 'info'}>{t(states[i.state] ?? 'imports.running')}</Tag>
        <p className={s.text}>
          {i.reason ||
            t('imports.counts', {
              rows: n.format(i.rows),
              created: n.format(i.created),
              changed: n.format(i.changed),
              same: n.format(i.same),
              bad: n.format(i.bad),
            })}
        </p>
        {open && <progress max={i.rows || 1} value={i.next} aria-label={t('imports.progress', { name: i.name })} />}
        {i.bad > 0 && <Bad id={i.id} />}
      </div>
      <span className={s.when}>
        <time dateTime={i.at}>{full(locale, i.at)}</time>
        {i.state === 'done' && <Button onClick={undo}>{t('imports.undo')}</Button>}
      </span>
    </li>
  );
}

function Bad({ id }: { id: string }) {
  const { t } = useT();
  const { api } = useServices();
  const [open, setOpen] = useState(false);
  const rows = useQuery({ ...badRowsQuery(api, id), enabled: open });
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t('imports.bad')}</summary>
      {rows.data && <BadTable rows={rows.data.rows} />}
      {rows.data?.next && <p className={s.text}>{t('imports.badMore')}</p>}
      {rows.isError && <p role="alert">{reason(rows.error, t)}</p>}
    </details>
  );
}

export function BadTable({ rows }: { rows: BadRow[] }) {
  const { t } = useT();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('imports.row')}</th>
          <th scope="col">{t('imports.column')}</th>
          <th scope="col">{t('imports.why')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={`${r.row}${r.column}`}>
            <td>{r.row}</td>
            <td>{r.column}</td>
            <td>{r.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
