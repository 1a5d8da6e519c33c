/** The steps, as a canvas or as a list, and the panel beside them. */
import { Eye, List, PanelRightClose, TriangleAlert, Workflow } from 'lucide-react';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Banner } from '~/ui/Banner';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { RowsSkeleton } from '~/ui/Skeleton';
import type { BotVersion, BotView } from '~core/wire';
import { botApi } from './api';
import s from './BotPage.module.css';
import { useBuilder } from './builder';
import { Check } from './Check';
import { Drive } from './Drive';
import { Inspector } from './Inspector';
import { Palette } from './Palette';
import { Steps } from './Steps';
import { Versions } from './Versions';
import { Whole } from './Whole';

const Canvas = lazy(() => import('./Canvas'));
const stored = 'parley.bots.view';
const narrow = window.matchMedia('(max-width: 699px)');

function useNarrow(): boolean {
  return useSyncExternalStore(
    (fn) => {
      narrow.addEventListener('change', fn);
      return () => narrow.removeEventListener('change', fn);
    },
    () => narrow.matches,
  );
}

export function Workbench({ view }: { view: BotView }) {
  const { t } = useT();
  const b = useBuilder();
  const small = useNarrow();
  const [mode, setMode] = useState(() => (localStorage.getItem(stored) === 'list' ? 'list' : 'canvas'));
  const choose = (m: 'list' | 'canvas') => {
    localStorage.setItem(stored, m);
    setMode(m);
  };
  const canvas = mode === 'canvas' && !small;
  useUndoKeys();
  return (
    <>
      {b.saving === 'conflict' && !b.looking && <Conflict />}
      {b.looking && <Looking version={b.looking} />}
      <div className={s.bench} data-panel={b.panel || undefined}>
        <section className={s.steps} aria-label={t('bots.steps')}>
          {!small && (
            <div className={s.modes}>
              <fieldset className={s.switch}>
                <legend className="sr">{t('bots.shownAs')}</legend>
                <Button kind="quiet" aria-pressed={canvas} onClick={() => choose('canvas')}>
                  <Icon as={Workflow} size="s" />
                  {t('bots.canvas')}
                </Button>
                <Button kind="quiet" aria-pressed={!canvas} onClick={() => choose('list')}>
                  <Icon as={List} size="s" />
                  {t('bots.list')}
                </Button>
              </fieldset>
              <Totals />
            </div>
          )}
          <div className={s.field}>
            {!b.fixed && !small && <Palette />}
            {canvas ? (
              <Suspense fallback={<RowsSkeleton label={t('bots.loading')} />}>
                <Canvas key={b.looking?.number ?? 0} />
              </Suspense>
            ) : (
              <Steps />
            )}
          </div>
        </section>
        <aside className={s.panel} hidden={!b.panel} aria-label={b.panel ? t(`bots.panel.${b.panel}`) : undefined}>
          <header className={s.panelHead}>
            <h2>{b.panel && t(`bots.panel.${b.panel}`)}</h2>
            <IconButton label={t('bots.closePanel')} small onClick={() => b.setPanel('')}>
              <Icon as={PanelRightClose} size="s" />
            </IconButton>
          </header>
          {b.panel === 'step' && <Inspector key={b.selected} />}
          {b.panel === 'check' && <Check />}
          {b.panel === 'versions' && <Versions view={view} />}
          {b.panel === 'bot' && <Whole />}
          <Drive hidden={b.panel !== 'drive'} />
        </aside>
      </div>
    </>
  );
}

function Totals() {
  const { t } = useT();
  const n = useBuilder().numbers;
  if (!n?.started) return null;
  return (
    <p className={s.totals}>{t('bots.totals', { started: n.started, completed: n.completed, handedOff: n.handedOff, abandoned: n.abandoned })}</p>
  );
}

/** An old version stands where the draft does. */
function Looking({ version }: { version: BotVersion }) {
  const { t, locale } = useT();
  const b = useBuilder();
  const at = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(version.at));
  return (
    <div role="status">
      <Banner icon={Eye} tone="info" action={<Button onClick={() => b.look(undefined)}>{t('bots.lookBack')}</Button>}>
        {t('bots.looking', { number: version.number, at })}
      </Banner>
    </div>
  );
}

/** Somebody else saved meanwhile: theirs, or ours over it. */
function Conflict() {
  const { t } = useT();
  const { api, toasts } = useServices();
  const b = useBuilder();
  const settle = async (ours: boolean) => {
    try {
      const theirs = await botApi(api).bot(b.flow);
      if (ours) b.saver.settle(theirs.draft.revision, true);
      else b.load(theirs);
    } catch (err) {
      toasts.show(`${t('bots.failed')} ${reason(err, t)}`);
    }
  };
  return (
    <div role="alert">
      <Banner
        icon={TriangleAlert}
        tone="warn"
        action={
          <>
            <Button onClick={() => void settle(false)}>{t('bots.loadTheirs')}</Button>
            <Button onClick={() => void settle(true)}>{t('bots.keepOurs')}</Button>
          </>
        }
      >
        {t('bots.conflict')}
      </Banner>
    </div>
  );
}

/** Undo and redo everywhere but in a field, which has its own. */
function useUndoKeys(): void {
  const b = useBuilder();
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.altKey || (e.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName))) return;
      const key = e.key.toLowerCase();
      const does = key === 'y' || (key === 'z' && e.shiftKey) ? b.redo : key === 'z' ? b.undo : undefined;
      if (!does) return;
      e.preventDefault();
      does();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [b.undo, b.redo]);
}
