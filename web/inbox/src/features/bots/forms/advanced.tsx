/** Steps for developers: a server of the team's, and a script. */
import { X } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { type Key, useT } from '~/app/locale';
import { IconButton } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { Icon } from '~/ui/Icon';
import type { BotStep, WebhookStep } from '~core/wire';
import { useBuilder } from '../builder';
import { answersOf } from '../graph';
import { Choices } from './choices';
import s from './forms.module.css';
import { type FormProps, Goto, Num, Rows } from './parts';

export function WebhookForm({ value, set }: FormProps<WebhookStep>) {
  const { t } = useT();
  const { graph } = useBuilder();
  // The rows as they are typed: two may have the same name for a moment.
  const [rows, setRows] = useState(() => Object.entries(value.map ?? {}));
  const write = (next: [string, string][], join?: string) => {
    setRows(next);
    set({ ...value, map: next.length ? Object.fromEntries(next) : undefined }, join);
  };
  const at = (i: number, name: string, path: string, join: string) =>
    write(
      rows.map((r, n) => (n === i ? [name, path] : r)),
      `${join} ${i}`,
    );
  const send = value.send ?? [];
  return (
    <>
      <Field
        label={t('bots.url')}
        hint={t('bots.urlHint')}
        placeholder="https://"
        inputMode="url"
        value={value.url}
        maxLength={2048}
        onChange={(e) => set({ ...value, url: e.target.value }, 'url')}
      />
      <Rows title={t('bots.send')}>
        <p className={s.hint}>{t('bots.sendHint')}</p>
        {[...new Set([...answersOf(graph), ...send])].map((name) => (
          <label key={name} className={s.check}>
            <input
              type="checkbox"
              checked={send.includes(name)}
              onChange={(e) => {
                const next = e.target.checked ? [...send, name] : send.filter((x) => x !== name);
                set({ ...value, send: next.length ? next : undefined });
              }}
            />
            {name}
          </label>
        ))}
      </Rows>
      <Rows title={t('bots.map')} full={rows.length >= 20} add={{ label: t('bots.addMap'), run: () => write([...rows, ['', '']]) }}>
        <p className={s.hint}>{t('bots.mapHint')}</p>
        {rows.map(([name, path], i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the names are what is edited
          <div key={i} className={s.line}>
            <input
              aria-label={t('bots.mapName', { n: i + 1 })}
              placeholder={t('bots.variable')}
              value={name}
              maxLength={40}
              spellCheck={false}
              onChange={(e) => at(i, e.target.value.replace(/[^a-zA-Z0-9_]/g, ''), path, 'name')}
            />
            <input
              aria-label={t('bots.mapPath', { n: i + 1 })}
              placeholder="account.plan"
              value={path}
              maxLength={200}
              spellCheck={false}
              onChange={(e) => at(i, name, e.target.value, 'path')}
            />
            <IconButton label={t('bots.removeMap', { n: i + 1 })} small onClick={() => write(rows.filter((_, n) => n !== i))}>
              <Icon as={X} size="s" />
            </IconButton>
          </div>
        ))}
      </Rows>
      <Num
        label={t('bots.wait')}
        hint={t('bots.waitHint')}
        min={0}
        max={10}
        value={value.timeout}
        set={(timeout) => set({ ...value, timeout }, 'timeout')}
      />
      <Goto
        label={t('bots.exit.fail')}
        value={value.fail ?? ''}
        none={t('bots.aPerson')}
        set={(fail) => set({ ...value, fail: fail || undefined })}
      />
    </>
  );
}

export function CodeForm({ value, set }: FormProps<NonNullable<BotStep['code']>>) {
  const { t } = useT();
  const id = useId();
  // Tab indents; Escape gives it back to the page.
  const [free, setFree] = useState(false);
  const onKey = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    if (e.key === 'Escape') setFree(true);
    if (e.key !== 'Tab' || free || e.shiftKey || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    const el = e.currentTarget;
    const start = el.selectionStart;
    set({ ...value, source: `${value.source.slice(0, start)}  ${value.source.slice(el.selectionEnd)}` }, 'source');
    requestAnimationFrame(() => el.setSelectionRange(start + 2, start + 2));
  };
  return (
    <>
      <div className={s.field}>
        <label htmlFor={id}>{t('bots.source')}</label>
        <textarea
          id={id}
          className={s.code}
          rows={14}
          maxLength={20_000}
          spellCheck={false}
          autoCapitalize="off"
          value={value.source}
          aria-describedby={`${id}h`}
          onBlur={() => setFree(false)}
          onKeyDown={onKey}
          onChange={(e) => set({ ...value, source: e.target.value }, 'source')}
        />
        <p id={`${id}h`} className={s.hint}>
          {t('bots.tabHint')}
        </p>
      </div>
      <details className={s.more}>
        <summary>{t('bots.shape')}</summary>
        <p className={s.hint}>{t('bots.shapeText')}</p>
        <dl className={s.shape}>
          {(
            [
              'event.userMessage.message',
              'event.session.properties',
              'event.session.customState',
              'botMessage',
              'quickReplies',
              'customState',
              'responseExpected',
              'nextModuleNickname',
            ] as const
          ).map((k) => (
            <div key={k}>
              <dt>{k}</dt>
              <dd>{t(`bots.shape.${k.split('.').at(-1) ?? ''}` as Key)}</dd>
            </div>
          ))}
        </dl>
      </details>
      <Choices
        named
        title={t('bots.exits')}
        add={t('bots.addExit')}
        value={value.exits ?? []}
        none={t('bots.exit.nowhere')}
        set={(exits, join) => set({ ...value, exits: exits.length ? exits : undefined }, join)}
      />
      <Goto
        label={t('bots.exit.fail')}
        value={value.fail ?? ''}
        none={t('bots.aPerson')}
        set={(fail) => set({ ...value, fail: fail || undefined })}
      />
    </>
  );
}
