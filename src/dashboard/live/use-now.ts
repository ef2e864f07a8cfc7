import { useEffect, useState } from 'preact/hooks';

/** The page's clock, read again and again while somebody looks. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(performance.now());
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
