import { type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Key, useT } from '~/app/locale';
import { ApiError } from '~core/api';
import { Button } from './Button';
import s from './Empty.module.css';
import { Icon } from './Icon';

interface Props {
  icon: LucideIcon;
  tone?: 'plain' | 'ok' | 'acc' | 'bad';
  title: string;
  text?: string;
  children?: ReactNode;
  role?: 'alert' | 'status';
}

/** One sentence on what belongs here, at most one action. */
export function Empty({ icon, tone = 'plain', title, text, children, role }: Props) {
  return (
    <div className={s.empty} role={role}>
      <span className={`${s.mark} ${s[tone]}`}>
        <Icon as={icon} />
      </span>
      <b>{title}</b>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** What failed, in a sentence. */
export function reason(error: unknown, t: (k: Key) => string): string {
  const e = error instanceof ApiError ? error : new ApiError(0, 'internal', error instanceof Error ? error.message : String(error));
  return e.code === 'internal' || e.code === 'invalid' ? e.message : t(`error.${e.code}` as Key);
}

interface Failed {
  title: string;
  error: unknown;
  retry?: () => void;
  /** a way out, by its name, where there is none beside */
  out?: { label: string; run: () => void };
}

/** What failed, in words, with a way to try again; what one may not do is refused again. */
export function Failure({ title, error, retry, out }: Failed) {
  const { t } = useT();
  const e = error instanceof ApiError ? error : undefined;
  return (
    <Empty icon={TriangleAlert} tone="bad" title={title} text={reason(error, t)} role="alert">
      {e?.requestId && <p className={s.request}>{t('error.request', { id: e.requestId })}</p>}
      {retry && e?.code !== 'denied' && <Button onClick={retry}>{t('action.retry')}</Button>}
      {out && <Button onClick={out.run}>{out.label}</Button>}
    </Empty>
  );
}
