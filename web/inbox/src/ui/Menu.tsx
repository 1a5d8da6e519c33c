import { Menu as Ark } from '@ark-ui/react/menu';
import { Portal } from '@ark-ui/react/portal';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { Icon } from './Icon';
import s from './Menu.module.css';

export interface MenuItem {
  value: string;
  label: string;
  icon?: ReactNode;
  hint?: ReactNode;
  checked?: boolean;
}

export interface MenuGroup {
  label?: string;
  items: MenuItem[];
}

interface Props {
  trigger: ReactElement;
  groups: MenuGroup[];
  onSelect: (value: string) => void;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** shown above the items */
  head?: ReactNode;
  placement?: 'bottom-start' | 'bottom-end' | 'top-start' | 'right-end';
}

export function Menu({ trigger, groups, onSelect, open, onOpenChange, head, placement = 'bottom-end' }: Props) {
  return (
    <Ark.Root
      open={open}
      onOpenChange={(d) => onOpenChange?.(d.open)}
      onSelect={(d) => onSelect(d.value)}
      positioning={{ placement, gutter: 6 }}
      lazyMount
      unmountOnExit
    >
      <Ark.Trigger asChild>{trigger}</Ark.Trigger>
      <Portal>
        <Ark.Positioner className={s.place}>
          <Ark.Content className={s.menu}>
            {head && <div className={s.head}>{head}</div>}
            {groups.map((g) => (
              <Ark.ItemGroup key={g.label ?? g.items[0]?.value} className={s.group}>
                {g.label && <Ark.ItemGroupLabel className={s.label}>{g.label}</Ark.ItemGroupLabel>}
                {g.items.map((i) => (
                  <Ark.Item key={i.value} value={i.value} className={s.item}>
                    {i.icon}
                    <span>{i.label}</span>
                    {i.checked && (
                      <span className={s.check}>
                        <Icon as={Check} size="s" />
                      </span>
                    )}
                    {i.hint && <span className={s.hint}>{i.hint}</span>}
                  </Ark.Item>
                ))}
              </Ark.ItemGroup>
            ))}
          </Ark.Content>
        </Ark.Positioner>
      </Portal>
    </Ark.Root>
  );
}
