import { Dialog as Ark } from '@ark-ui/react/dialog';
import { Portal } from '@ark-ui/react/portal';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useT } from '~/app/locale';
import { IconButton } from './Button';
import s from './Dialog.module.css';
import { Icon } from './Icon';

interface Props {
  open: boolean;
  /** absent: it cannot be closed */
  onClose?: () => void;
  title: string;
  /** a drawer comes from a side and fills the height */
  side?: 'left' | 'right';
  children: ReactNode;
}

/** The focus goes to what bears data-first, or else to the first that can take it. */
export function Dialog({ open, onClose, title, side, children }: Props) {
  const { t } = useT();
  const content = useRef<HTMLDivElement>(null);
  return (
    <Ark.Root
      open={open}
      onOpenChange={(d) => !d.open && onClose?.()}
      closeOnEscape={!!onClose}
      closeOnInteractOutside={!!onClose}
      initialFocusEl={() => content.current?.querySelector<HTMLElement>('[data-first]') ?? null}
      lazyMount
      unmountOnExit
    >
      <Portal>
        <Ark.Backdrop className={s.back} />
        <Ark.Positioner className={side ? s.edge : s.center}>
          <Ark.Content ref={content} className={side ? `${s.drawer} ${s[side]}` : s.dialog}>
            <header className={side ? 'sr' : s.head}>
              <Ark.Title className={s.title}>{title}</Ark.Title>
            </header>
            {onClose && (
              <Ark.CloseTrigger asChild>
                <IconButton label={t('action.close')} small className={s.close}>
                  <Icon as={X} size="s" />
                </IconButton>
              </Ark.CloseTrigger>
            )}
            {children}
          </Ark.Content>
        </Ark.Positioner>
      </Portal>
    </Ark.Root>
  );
}
