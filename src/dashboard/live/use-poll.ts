import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { notYet, Poll, type Polled } from './poll.js';

export interface PollSettings<T> {
  /** Identifies the request: another key starts again. */
  readonly key: string;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
}

export interface UsedPoll<T> extends Polled<T> {
  readonly refresh: () => void;
}

export function usePoll<T>({ key, ask, intervalMs, maxIntervalMs }: PollSettings<T>): UsedPoll<T> {
  const [answer, setAnswer] = useState<{ key: string; state: Polled<T> }>({ key, state: notYet });
  const poll = useRef<Poll<T> | undefined>(undefined);
  const latestAsk = useRef(ask);
  latestAsk.current = ask;
  useEffect(() => {
    const current = new Poll<T>({
      ask: (signal) => latestAsk.current(signal),
      intervalMs,
      maxIntervalMs,
      onChange: (state) => setAnswer({ key, state }),
    });
    poll.current = current;
    current.start();
    return () => current.stop();
  }, [key, intervalMs, maxIntervalMs]);
  const refresh = useCallback(() => poll.current?.now(), []);
  // An answer to the request of an earlier key is not shown.
  const state = answer.key === key ? answer.state : notYet;
  return { ...state, refresh };
}
