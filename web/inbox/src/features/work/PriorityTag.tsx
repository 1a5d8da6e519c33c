import { ArrowDown, ArrowUp, ChevronsUp } from 'lucide-react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { Tag } from '~/ui/Tag';
import type { Priority } from '~core/wire';

/** Nothing for a conversation of normal priority. */
export function PriorityTag({ priority, small }: { priority: Priority | undefined; small?: boolean }) {
  const { t } = useT();
  if (!priority) return null;
  const icon = priority === 'urgent' ? ChevronsUp : priority === 'high' ? ArrowUp : ArrowDown;
  const label = t(`priority.${priority}`);
  return (
    <Tag tone={priority === 'urgent' ? 'bad' : priority === 'high' ? 'warn' : 'plain'} title={small ? label : undefined}>
      <Icon as={icon} size="xs" />
      {small ? <span className="sr">{label}</span> : label}
    </Tag>
  );
}
