/**
 * Brings files to where messages find them.
 * Owns: the two steps of an upload, its progress, the address to look at one. Never: which draft a file belongs to. Imported by: composer, and bots for the files they give away.
 */
import { type Api, ApiError } from '~core/api';
import type { DraftFile } from '~core/wire';

export interface Upload {
  done: Promise<DraftFile>;
  cancel: () => void;
}

/** `progress` gets the part that has gone, 0 to 1. The promise fails with the server's words: of a file that no mail can carry before a byte has moved. */
export function upload(api: Api, file: File, progress: (part: number) => void): Upload {
  const xhr = new XMLHttpRequest();
  let cancelled = false;
  const go = async (): Promise<DraftFile> => {
    const up = await api.newUpload(file.name || 'file', file.type, file.size);
    if (cancelled) throw new DOMException('cancelled', 'AbortError');
    await new Promise<void>((resolve, reject) => {
      xhr.open(up.method, up.url);
      for (const [name, value] of Object.entries(up.headers)) if (!/^(?:host|content-length)$/i.test(name)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
      xhr.onload = () => (xhr.status < 300 ? resolve() : reject(new ApiError(xhr.status, 'internal', `${xhr.status} ${xhr.statusText}`)));
      xhr.onerror = () => reject(new ApiError(0, 'offline', ''));
      xhr.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
      xhr.send(file);
    });
    known.set(up.id, URL.createObjectURL(file));
    return { upload: up.id, name: up.name, type: up.type, size: file.size };
  };
  return {
    done: go(),
    cancel: () => {
      cancelled = true;
      xhr.abort();
    },
  };
}

/** Where files that this page brought can be looked at without a request. */
const known = new Map<string, string>();

export async function pictureOf(api: Api, id: string): Promise<string> {
  const have = known.get(id);
  if (have) return have;
  const { url } = await api.upload(id);
  known.set(id, url);
  return url;
}

export const isPicture = (f: { type?: string }) => /^image\/(?:png|jpe?g|gif|webp)$/i.test(f.type ?? '');
