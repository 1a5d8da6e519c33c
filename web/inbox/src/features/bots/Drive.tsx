/** A test drive of the graph as it is now, saved or not: the real engine answers, nothing is written. */
import { Download, ExternalLink, RotateCcw, SendHorizontal } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useT } from '~/app/locale';
import { useServices } from '~/app/services';
import { Button, IconButton } from '~/ui/Button';
import { reason } from '~/ui/Empty';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import { Switch } from '~/ui/Switch';
import { type BotSession, botFilePath, type DriveInput } from '~core/wire';
import { botApi } from './api';
import { useBuilder } from './builder';
import s from './Drive.module.css';
import { elsewhere, type Shown, shownOf, stepAt } from './drive';
import { Effect } from './Effect';

const still = window.matchMedia('(prefers-reduced-motion: reduce)');
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

export function Drive({ hidden }: { hidden: boolean }) {
  const { t } = useT();
  const { api } = useServices();
  const b = useBuilder();
  const [shown, setShown] = useState<Shown[]>([]);
  const [session, setSession] = useState<BotSession>();
  const [contact, setContact] = useState<Record<string, string>>({});
  const [there, setThere] = useState(true);
  const [page, setPage] = useState('https://www.example.com/');
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [other, setOther] = useState(false);
  const run = useRef(0);
  const end = useRef<HTMLDivElement>(null);
  const { setLit } = b;

  useEffect(() => {
    if (hidden) setLit('');
  }, [hidden, setLit]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is shown anew is scrolled to
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [shown, busy]);
  useEffect(
    () => () => {
      run.current++;
    },
    [],
  );

  const drive = async (kind: DriveInput['kind'], words = '') => {
    const mine = ++run.current;
    const first = kind === 'start';
    const before: Shown[] = first ? [] : [...shown, kind === 'say' ? { of: 'visitor', text: words } : { of: 'silence' }];
    setShown(before);
    setError('');
    setBusy(true);
    if (first) setSession(undefined);
    try {
      const d = await botApi(api).drive(b.flow, {
        graph: b.graph,
        kind,
        there,
        page,
        contact,
        ...(words ? { text: words } : {}),
        ...(session && !first ? { session } : {}),
      });
      const said = [...before];
      for (const x of shownOf(d)) {
        if (run.current !== mine) return;
        if (x.of === 'bot') {
          if (!elsewhere(d, b.flow)) setLit(x.line.step);
          if (x.line.delay && !still.matches) await wait(Math.min(x.line.delay, 3000));
          if (run.current !== mine) return;
        }
        said.push(x);
        setShown([...said]);
      }
      setSession(d.session);
      setContact(d.contact);
      setOther(elsewhere(d, b.flow));
      setLit(elsewhere(d, b.flow) ? '' : stepAt(d));
    } catch (err) {
      if (run.current === mine) setError(reason(err, t));
    } finally {
      if (run.current === mine) setBusy(false);
    }
  };
  const say = (words: string) => {
    setText('');
    void drive('say', words);
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (text.trim() && session && !busy) say(text.trim());
  };
  const last = shown.at(-1);
  const waiting = session?.state === 'waiting' && !busy;
  const quick = waiting ? [...shown].reverse().find((x) => x.of === 'bot') : undefined;
  const vars = Object.entries(session?.vars ?? {});
  return (
    <div className={s.drive} hidden={hidden}>
      <details className={s.world} open={!session && shown.length === 0}>
        <summary>{t('bots.world')}</summary>
        <Switch label={t('bots.there')} hint={t('bots.thereHint')} on={there} set={setThere} />
        <Field label={t('bots.onPage')} value={page} maxLength={2048} inputMode="url" onChange={(e) => setPage(e.target.value)} />
        <div className={s.pair}>
          <Field label={t('bots.property.name')} value={contact.name ?? ''} onChange={(e) => setContact({ ...contact, name: e.target.value })} />
          <Field label={t('bots.property.email')} value={contact.email ?? ''} onChange={(e) => setContact({ ...contact, email: e.target.value })} />
        </div>
      </details>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={s.log} role="log" aria-label={t('bots.panel.drive')} tabIndex={0}>
        {shown.length === 0 && !busy && <p className={s.hint}>{t('bots.driveText')}</p>}
        {shown.map((x, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was shown never changes
          <Item key={i} x={x} />
        ))}
        {busy && (
          <p className={s.typing}>
            <span className="sr">{t('bots.typing')}</span>
            <i />
            <i />
            <i />
          </p>
        )}
        {quick?.of === 'bot' && !!quick.line.choices?.length && last?.of !== 'visitor' && (
          <div className={s.quick}>
            {quick.line.choices.map((c) => (
              <button key={c} type="button" onClick={() => say(c)}>
                {c}
              </button>
            ))}
          </div>
        )}
        {session && !busy && session.state !== 'waiting' && <p className={s.over}>{t(`bots.state.${session.state}`)}</p>}
        {other && <p className={s.over}>{t('bots.elsewhere')}</p>}
        {error && (
          <p className={s.error} role="alert">
            {error}
          </p>
        )}
        <div ref={end} />
      </div>
      {vars.length > 0 && (
        <details className={s.vars}>
          <summary>{t('bots.variables', { count: vars.length })}</summary>
          <dl>
            {vars.map(([k, v]) => (
              <div key={k}>
                <dt>{k}</dt>
                <dd>{v || '–'}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {session ? (
        <form className={s.say} onSubmit={submit}>
          <input aria-label={t('bots.say')} placeholder={t('bots.say')} value={text} maxLength={8192} onChange={(e) => setText(e.target.value)} />
          <IconButton label={t('bots.send.message')} type="submit" disabled={!text.trim() || busy}>
            <Icon as={SendHorizontal} size="s" />
          </IconButton>
        </form>
      ) : null}
      <div className={s.row}>
        <Button kind={session ? 'plain' : 'primary'} disabled={b.graph.steps.length === 0} onClick={() => void drive('start')}>
          {session && <Icon as={RotateCcw} size="s" />}
          {session ? t('bots.again') : t('bots.startDrive')}
        </Button>
        {waiting && (
          <Button kind="quiet" onClick={() => void drive('timeout')}>
            {t('bots.beSilent')}
          </Button>
        )}
      </div>
    </div>
  );
}

function Item({ x }: { x: Shown }) {
  const { t } = useT();
  const b = useBuilder();
  if (x.of === 'visitor') return <p className={`${s.bubble} ${s.mine}`}>{x.text}</p>;
  if (x.of === 'silence') return <p className={s.over}>{t('bots.wasSilent')}</p>;
  if (x.of === 'effect') return <Effect effect={x.effect} failed={x.failed} />;
  const { line } = x;
  return (
    <div className={s.line}>
      <div className={s.bubble}>
        {line.text && <p>{line.text}</p>}
        {line.image && <span className={s.image}>{t('bots.picture', { alt: line.alt ?? '' })}</span>}
        {line.file?.picture && <img className={s.shown} src={botFilePath(b.flow.account, line.file)} alt={line.alt ?? ''} />}
        {line.file && !line.file.picture && (
          <a href={botFilePath(b.flow.account, line.file)} target="_blank" rel="noopener noreferrer" className={s.link}>
            {line.file.name}
            <Icon as={Download} size="xs" />
          </a>
        )}
        {line.link && (
          <a href={line.link} target="_blank" rel="noopener noreferrer" className={s.link}>
            {line.label || line.link}
            <Icon as={ExternalLink} size="xs" />
          </a>
        )}
      </div>
      <button type="button" className={s.where} onClick={() => b.select(line.step, true)}>
        {t('bots.showStep')}
      </button>
    </div>
  );
}
