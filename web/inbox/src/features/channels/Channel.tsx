/** One account: what is still to be done until its mail comes in and goes out, what customers see of it, its end. */
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Pause, Play, RefreshCw, Send, Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '~/app/locale';
import { Page, Scroll } from '~/app/Page';
import { keys } from '~/app/queries';
import { useServices } from '~/app/services';
import { Banner } from '~/ui/Banner';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { reason } from '~/ui/Empty';
import { Icon } from '~/ui/Icon';
import { full } from '~core/time';
import type { ChannelPage, ChannelView } from '~core/wire';
import s from './Channels.module.css';
import { Checks } from './Checks';
import { Confirm } from './Confirm';
import { Copy } from './Copy';
import { Forwarding } from './Forwarding';
import { Seen } from './Seen';
import { marks, sentence } from './words';

/** Carries a change of an account out, shows it, or says why not. */
export function useChannelChange() {
  const { t } = useT();
  const { toasts } = useServices();
  const client = useQueryClient();
  const [busy, setBusy] = useState('');
  const run = async (what: string, does: () => Promise<ChannelView>, done?: string): Promise<boolean> => {
    setBusy(what);
    try {
      const now = await does();
      client.setQueryData<ChannelPage>(
        keys.channels,
        (p) => p && { ...p, channels: p.channels.map((c) => (c.account.id === now.account.id ? now : c)) },
      );
      void client.invalidateQueries({ queryKey: keys.inboxes });
      if (done) toasts.show(done);
      return true;
    } catch (err) {
      toasts.show(`${t('channels.changeFailed')} ${reason(err, t)}`);
      void client.invalidateQueries({ queryKey: keys.channels });
      return false;
    } finally {
      setBusy('');
    }
  };
  return { busy, run };
}

/** A test mail that is under way is looked for this often, ms. */
const looks = 3_000;

export function Channel({ channel: c, may, back }: { channel: ChannelView; may: boolean; back: () => void }) {
  const { t, locale } = useT();
  const { api } = useServices();
  const client = useQueryClient();
  const change = useChannelChange();
  const [ending, setEnding] = useState(false);
  const a = c.account;
  const over = a.state === 'disconnected';
  const under = !!c.test && !c.test.arrivedAt && Date.now() - Date.parse(c.test.sentAt) < 120_000;
  useEffect(() => {
    if (!under) return;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: keys.channels }), looks);
    return () => clearInterval(timer);
  }, [under, client]);
  const check = () => void change.run('check', () => api.checkChannel(a.id));
  // The checks are as they were: a test mail that has come in since makes others of them.
  const stale = may && !over && !!c.test?.arrivedAt && !!c.checkedAt && c.test.arrivedAt > c.checkedAt;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each test mail
  useEffect(() => {
    if (stale) check();
  }, [stale]);
  const test = () => void change.run('test', () => api.testChannel(a.id), t('channels.testSent', { address: a.address }));
  const pause = (state: 'active' | 'paused') =>
    void change.run('pause', () => api.editChannel(a.id, { state }, a.revision), t(state === 'paused' ? 'channels.paused' : 'channels.resumed'));
  const end = async () => {
    setEnding(false);
    await change.run('end', () => api.disconnect(a.id, a.revision), t('channels.ended', { address: a.address }));
  };
  const mark = marks[c.health.state];
  return (
    <Page
      title={a.address}
      lead={
        c.connectedBy && a.connectedAt
          ? t('channels.by', { name: c.connectedBy, time: full(locale, a.connectedAt) })
          : a.fallback
            ? t('channels.born')
            : a.name
      }
      actions={
        <>
          <Button onClick={back}>
            <Icon as={ArrowLeft} size="s" /> {t('channels.back')}
          </Button>
          {may && !over && (
            <Button onClick={() => pause(a.state === 'paused' ? 'active' : 'paused')} disabled={!!change.busy}>
              <Icon as={a.state === 'paused' ? Play : Pause} size="s" /> {t(a.state === 'paused' ? 'channels.resume' : 'channels.pause')}
            </Button>
          )}
        </>
      }
    >
      <Banner icon={mark.icon} tone={mark.tone === 'plain' ? 'info' : mark.tone}>
        <b>{t(mark.word)}.</b> {sentence(c.health, t)}
      </Banner>
      <Scroll label={a.address}>
        <div className={s.body}>
          {c.confirmation && !over && <Confirm channel={c} may={may} />}
          {!over && (
            <section className={s.group} aria-labelledby="checks">
              <header>
                <h2 id="checks">{t('channels.checks')}</h2>
                <span className={s.at}>{c.checkedAt ? t('channels.checkedAt', { time: full(locale, c.checkedAt) }) : ''}</span>
                {may && (
                  <span className={s.row}>
                    <Button onClick={check} disabled={!!change.busy} aria-busy={change.busy === 'check'}>
                      <Icon as={RefreshCw} size="s" /> {t(change.busy === 'check' ? 'channels.checking' : 'channels.check')}
                    </Button>
                    <Button onClick={test} disabled={!!change.busy} aria-busy={change.busy === 'test'}>
                      <Icon as={Send} size="s" /> {t('channels.test')}
                    </Button>
                  </span>
                )}
              </header>
              <Checks channel={c} />
            </section>
          )}
          {a.way === 'forward' && !over && <Forwarding hosted={c.hosted} address={a.address} />}
          <Seen channel={c} may={may && !over} />
          <section className={s.group} aria-labelledby="addresses">
            <h2 id="addresses">{t('channels.addresses')}</h2>
            <dl className={s.facts}>
              <div>
                <dt>{t('channels.comesIn')}</dt>
                <dd>
                  <Copy text={c.hosted} of={c.hosted} />
                </dd>
              </div>
              <div>
                <dt>{t('channels.goesOut')}</dt>
                <dd>
                  <Copy text={c.sendsFrom} of={c.sendsFrom} />
                  {c.sendsFrom !== a.address && <small>{t('channels.goesOutWhy')}</small>}
                </dd>
              </div>
            </dl>
          </section>
          {may && !over && !a.fallback && (
            <section className={s.group} aria-labelledby="end">
              <h2 id="end">{t('channels.end')}</h2>
              <p>{t('channels.endText')}</p>
              <div>
                <Button onClick={() => setEnding(true)} disabled={!!change.busy}>
                  <Icon as={Unplug} size="s" /> {t('channels.endDo')}
                </Button>
              </div>
            </section>
          )}
        </div>
      </Scroll>
      <Dialog open={ending} onClose={() => setEnding(false)} title={t('channels.endAsk', { address: a.address })}>
        <div className={s.dialog}>
          <p>{t('channels.endText')}</p>
          <div className={s.row}>
            <Button onClick={() => setEnding(false)}>{t('action.cancel')}</Button>
            <Button kind="primary" onClick={() => void end()}>
              {t('channels.endDo')}
            </Button>
          </div>
        </div>
      </Dialog>
    </Page>
  );
}
