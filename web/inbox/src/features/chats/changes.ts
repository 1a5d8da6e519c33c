/** One change of a chat's settings: carried out, shown, or said why not. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { reason } from '~/ui/Empty';

export function useChange() {
  const { t } = useT();
  const { toasts } = useServices();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  /** Returns whether it was done. Somebody else's change is fetched and said. */
  const run = async (does: () => Promise<unknown>, done?: string): Promise<boolean> => {
    setBusy(true);
    try {
      await does();
      if (done) toasts.show(done);
      return true;
    } catch (err) {
      toasts.show(`${t('chats.saveFailed')} ${reason(err, t)}`);
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: keys.chats });
      setBusy(false);
    }
  };
  return { busy, run };
}
