import { EyeOff } from 'lucide-react';
import { useT } from '~/app/locale';
import { Page } from '~/app/Page';
import { Empty } from '~/ui/Empty';

/** In the place of a page that is not the user's to open; nothing is asked of the server, which would refuse it. */
export function Closed({ title, text }: { title: string; text?: string }) {
  const { t } = useT();
  return (
    <Page title={title}>
      <Empty icon={EyeOff} title={t('look.closed')} text={text ?? t('look.closedText')} />
    </Page>
  );
}
