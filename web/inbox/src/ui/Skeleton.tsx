import { useEffect, useState } from 'react';
import s from './Skeleton.module.css';

/** False for the first 150 ms, so that what is quick does not flash. */
export function useSlow(): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return slow;
}

/** Grey rows in the measures of a list's rows. */
export function RowsSkeleton({ label, rows = 6 }: { label: string; rows?: number }) {
  const slow = useSlow();
  return (
    <div role="status" className={s.rows}>
      <span className="sr">{label}</span>
      {slow &&
        Array.from({ length: rows }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
          <div className={s.row} key={i} aria-hidden="true">
            <i />
            <i />
            <i />
          </div>
        ))}
    </div>
  );
}

/** Grey cards in the measures of a log. */
export function LogSkeleton({ label }: { label: string }) {
  const slow = useSlow();
  return (
    <div role="status" className={s.log}>
      <span className="sr">{label}</span>
      {slow && (
        <>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </>
      )}
    </div>
  );
}
