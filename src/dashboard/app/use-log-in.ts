import { useState } from 'preact/hooks';
import { readCaller } from '../api/caller.js';
import type { Caller } from '../api/rights.js';
import { logOut } from '../api/session.js';
import { usePoll } from '../live/use-poll.js';

/** What a user may do changes rarely, and the member decides anyway. */
const intervalMs = 10_000;

export interface UsedLogIn {
  /** Undefined for a guest, and while users are not asked for. */
  readonly user: string | undefined;
  readonly caller: Caller | undefined;
  readonly isForced: boolean;
  /** Somebody who is served as a guest wants to be more. */
  readonly isWanted: boolean;
  readonly want: () => void;
  readonly cancel: () => void;
  readonly done: (user: string) => void;
  readonly leave: () => void;
}

/** Who uses the page. */
export function useLogIn(): UsedLogIn {
  const [user, setUser] = useState<string | undefined>(undefined);
  const [isWanted, setWanted] = useState(false);
  const polled = usePoll({
    key: `who asks as ${user ?? 'guest'}`,
    ask: readCaller,
    intervalMs,
    maxIntervalMs: intervalMs,
  });
  const { value: caller, failure } = polled;
  return {
    user,
    caller,
    isForced: failure?.type === 'refused' && failure.status === 401,
    isWanted,
    want: () => setWanted(true),
    cancel: () => setWanted(false),
    done: (name) => {
      setWanted(false);
      setUser(name);
    },
    leave: () => {
      logOut();
      setUser(undefined);
    },
  };
}
