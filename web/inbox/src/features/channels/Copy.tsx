import { Check, Copy as CopyIcon } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { IconButton } from '~/ui/Button';
import { Icon } from '~/ui/Icon';
import s from './Channels.module.css';

/** A text that has to be typed elsewhere, letter by letter. */
export function Copy({ text, of }: { text: string; of: string }) {
  const { t } = useT();
  const [done, setDone] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 2_000);
    });
  return (
    <span className={s.copy}>
      <code>{text}</code>
      <IconButton small label={done ? t('channels.copied') : t('channels.copy', { of })} onClick={() => void copy()}>
        <Icon as={done ? Check : CopyIcon} size="xs" />
      </IconButton>
    </span>
  );
}
