import { useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { reason } from '~/ui/Empty';
import type { DraftFile } from '~core/wire';
import { isPicture, type Upload, upload } from './uploads';

/** A file on its way, or one that cannot come. */
export interface Coming {
  id: number;
  name: string;
  part: number;
  error?: string;
  cancel: () => void;
}

export interface Files {
  coming: Coming[];
  /** files are still on their way */
  busy: boolean;
  add: (files: File[], inText: boolean) => void;
  dismiss: (id: number) => void;
}

/** `came` gets each file that arrived, and whether it is to be a picture in the text. */
export function useFiles(came: (f: DraftFile, inText: boolean) => void): Files {
  const { api } = useServices();
  const { t } = useT();
  const [coming, setComing] = useState<Coming[]>([]);
  const next = useRef(1);
  const running = useRef(new Map<number, Upload>());
  const latest = useRef(came);
  latest.current = came;
  useEffect(
    () => () => {
      for (const u of running.current.values()) u.cancel();
    },
    [],
  );
  const drop = (id: number) => setComing((l) => l.filter((c) => c.id !== id));
  const change = (id: number, patch: Partial<Coming>) => setComing((l) => l.map((c) => (c.id === id ? { ...c, ...patch } : c)));
  const add = (files: File[], inText: boolean) => {
    for (const file of files) {
      const id = next.current++;
      const u = upload(api, file, (part) => change(id, { part }));
      running.current.set(id, u);
      setComing((l) => [...l, { id, name: file.name, part: 0, cancel: u.cancel }]);
      u.done
        .then(
          (f) => {
            drop(id);
            latest.current(f, inText && isPicture(f));
          },
          (err) => {
            if (err instanceof DOMException) drop(id);
            else change(id, { error: reason(err, t) });
          },
        )
        .finally(() => running.current.delete(id));
    }
  };
  return { coming, busy: coming.some((c) => !c.error), add, dismiss: drop };
}
