/** The same change to many conversations: asked for in parts, and what became of each. */
import type { Api } from '~core/api';
import type { BulkChange, BulkResult } from '~core/wire';

/** How many the API takes in one request. */
const part = 100;

/** Changes all of them, part after part. What could not be asked for any more counts as failed, with the reason of the part that broke. */
export async function changeMany(api: Pick<Api, 'bulk'>, ids: string[], change: BulkChange): Promise<BulkResult[]> {
  const out: BulkResult[] = [];
  for (let i = 0; i < ids.length; i += part) {
    const some = ids.slice(i, i + part);
    try {
      out.push(...(await api.bulk(some, change)));
    } catch (err) {
      if (out.length === 0) throw err;
      const detail = err instanceof Error ? err.message : String(err);
      out.push(...ids.slice(i).map((thread) => ({ thread, code: 'internal' as const, detail })));
      break;
    }
  }
  return out;
}
