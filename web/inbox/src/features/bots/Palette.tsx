/** The kinds of step, by group: pressed, one is added behind the selected step; on the canvas one can also be dragged to its place. */
import type { ReactElement } from 'react';
import { useT } from '~/app/locale';
import { Icon } from '~/ui/Icon';
import { Menu } from '~/ui/Menu';
import { useBuilder } from './builder';
import type { Kind, Port } from './graph';
import { groups, icons, kindName } from './kinds';
import s from './Palette.module.css';

export const dragged = 'application/x-parley-step';

export function Palette() {
  const { t } = useT();
  const b = useBuilder();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.palette} aria-label={t('bots.addStep')} tabIndex={0}>
      {groups.map((g) => (
        <div key={g.id} className={s.group}>
          <h3>{t(`bots.group.${g.id}`)}</h3>
          {g.kinds.map((k) => (
            <button
              key={k}
              type="button"
              className={s.kind}
              title={t(`bots.about.${k}`)}
              draggable
              onDragStart={(e) => e.dataTransfer.setData(dragged, k)}
              onClick={() => b.addStep(k)}
            >
              <KindMark kind={k} hue={g.hue} />
              {kindName(t, k)}
            </button>
          ))}
        </div>
      ))}
    </section>
  );
}

export function KindMark({ kind, hue }: { kind: Kind; hue: number }) {
  return (
    <span className={`${s.mark} ${s[`h${hue}`]}`}>
      <Icon as={icons[kind]} size="s" />
    </span>
  );
}

/** The same as a menu. */
export function AddMenu({ at, trigger }: { at?: Port; trigger: ReactElement }) {
  const { t } = useT();
  const b = useBuilder();
  return (
    <Menu
      trigger={trigger}
      onSelect={(k) => b.addStep(k as Kind, at)}
      groups={groups.map((g) => ({
        label: t(`bots.group.${g.id}`),
        items: g.kinds.map((k) => ({ value: k, label: kindName(t, k), icon: <Icon as={icons[k]} size="s" /> })),
      }))}
    />
  );
}
