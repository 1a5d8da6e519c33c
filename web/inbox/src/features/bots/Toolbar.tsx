/** What is done with the bot as a whole: publish, undo, and the panels beside the steps. */
import { useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CloudOff, History, LoaderCircle, Play, Redo2, Settings2, TriangleAlert, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useT } from '~/app/locale';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import type { BotView } from '~core/wire';
import { botApi } from './api';
import s from './BotPage.module.css';
import { type Panel, useBuilder } from './builder';
import { botKeys } from './queries';

export function Actions({ view }: { view: BotView }) {
  const { t } = useT();
  const { api, toasts } = useServices();
  const client = useQueryClient();
  const b = useBuilder();
  const [busy, setBusy] = useState(false);
  const blocked = b.findings.some((f) => f.block);
  const publish = async () => {
    if (blocked) return b.setPanel('check');
    setBusy(true);
    try {
      await b.saver.flush();
      if (b.saver.state !== 'saved') return;
      const { revision } = b.saver;
      const { version } = await botApi(api).publish(b.flow, revision);
      b.saver.settle(revision + 1, true); // what is published is a change of the draft too
      toasts.show(t('bots.published', { version }));
    } catch (err) {
      toasts.show(`${t('bots.publishFailed')} ${reason(err, t)}`);
    } finally {
      await Promise.all([
        client.invalidateQueries({ queryKey: botKeys.bot(b.flow.id), exact: true }),
        client.invalidateQueries({ queryKey: keys.chats }),
      ]);
      setBusy(false);
    }
  };
  return (
    <>
      <span className={s.live} data-on={view.published > 0 || undefined}>
        {view.published > 0 ? t('bots.live', { version: view.published }) : t('bots.neverLive')}
      </span>
      {!b.fixed && (
        <Button
          kind="primary"
          aria-disabled={blocked || undefined}
          title={blocked ? t('bots.blocked') : undefined}
          disabled={busy}
          onClick={() => void publish()}
        >
          {t('bots.publish')}
        </Button>
      )}
    </>
  );
}

export function Toolbar() {
  const { t } = useT();
  const b = useBuilder();
  const blocks = b.findings.filter((f) => f.block).length;
  const panel = (p: Panel) => ({ 'aria-pressed': b.panel === p, onClick: () => b.setPanel(b.panel === p ? '' : p) });
  return (
    <div className={s.tools} role="toolbar" aria-label={t('bots.tools')}>
      {!b.fixed && (
        <>
          <SavingState />
          <IconButton label={t('bots.undo')} small aria-disabled={!b.undo} onClick={b.undo}>
            <Icon as={Undo2} size="s" />
          </IconButton>
          <IconButton label={t('bots.redo')} small aria-disabled={!b.redo} onClick={b.redo}>
            <Icon as={Redo2} size="s" />
          </IconButton>
        </>
      )}
      {!b.looking && (
        <Button kind="quiet" className={s.tool} {...panel('check')}>
          <Icon as={blocks ? CircleAlert : b.findings.length ? TriangleAlert : CircleCheck} size="s" />
          {t('bots.check')}
          {b.findings.length > 0 && (
            <span className={s.badge} data-block={blocks > 0 || undefined}>
              {b.findings.length}
            </span>
          )}
        </Button>
      )}
      {!b.fixed && (
        <Button kind="quiet" className={s.tool} {...panel('drive')}>
          <Icon as={Play} size="s" />
          {t('bots.drive')}
        </Button>
      )}
      <Button kind="quiet" className={s.tool} {...panel('versions')}>
        <Icon as={History} size="s" />
        {t('bots.versions')}
      </Button>
      <Button kind="quiet" className={s.tool} {...panel('bot')}>
        <Icon as={Settings2} size="s" />
        {t('bots.whole')}
      </Button>
    </div>
  );
}

function SavingState() {
  const { t } = useT();
  const { saving, saver } = useBuilder();
  const icon = { saved: CircleCheck, unsaved: LoaderCircle, saving: LoaderCircle, failed: CloudOff, conflict: TriangleAlert }[saving];
  return (
    <span className={s.saving} data-state={saving}>
      <span role="status">
        <Icon as={icon} size="xs" />
        {t(`bots.save.${saving}`)}
      </span>
      {saving === 'failed' && <Button onClick={() => void saver.flush()}>{t('action.retry')}</Button>}
    </span>
  );
}
