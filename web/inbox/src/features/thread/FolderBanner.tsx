import { Ban, Funnel, Trash2 } from 'lucide-react';
import { Text, useT } from '~/app/locale';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import type { Summary } from '~core/wire';
import type { ThreadActions } from './actions';
import { filedText } from './filed';

/** Why a conversation stands outside the inbox, and the way back. */
export function FolderBanner({ head, works, actions }: { head: Summary; works: boolean; actions: ThreadActions }) {
  const { t } = useT();
  const spam = head.folder === 'spam';
  return (
    <Banner
      icon={spam ? Ban : head.folder === 'trash' ? Trash2 : Funnel}
      tone={spam ? 'warn' : 'info'}
      action={
        works && (
          <Button onClick={() => actions.file(head, '')} title={`${t(spam ? 'thread.notSpam' : 'thread.toInbox')} (m)`}>
            {t(spam ? 'thread.notSpam' : 'thread.toInbox')}
          </Button>
        )
      }
    >
      <Text
        k={spam ? 'folder.spam' : head.folder === 'trash' ? 'folder.trash' : 'folder.filtered'}
        values={{ folder: t(`view.${head.folder || 'filtered'}`) }}
        bold={['folder']}
      />{' '}
      {head.filed && filedText(head.filed, t)}
    </Banner>
  );
}
