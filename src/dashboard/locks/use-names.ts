import { useRef, useState } from 'preact/hooks';
import { listLocks, type Space, type Summary, type SummaryList } from '../api/lock-requests.js';
import type { Polled } from '../live/poll.js';
import { usePoll } from '../live/use-poll.js';

export interface Names {
  readonly polled: Polled<SummaryList>;
  /** The names that match the search. */
  readonly found: readonly Summary[];
  /**
   * There are more names than the page loads. Then the member searches, by the beginning of a name.
   */
  readonly isLarge: boolean;
}

/** Bounds the cost of a busy cluster: the list is requested at most once in this time. */
const intervalMs = 700;
const maxIntervalMs = 5_000;

export function useNames(space: Space, search: string): Names {
  const [isLarge, setIsLarge] = useState(false);
  const prefix = isLarge ? search : '';
  const key = `${space} ${prefix}`;
  const last = useRef<{ key: string; index: number } | undefined>(undefined);
  const polled = usePoll({
    key,
    ask: async (signal) => {
      const changedSince = last.current?.key === key ? last.current.index : undefined;
      // If this request fails, the next one does not wait.
      last.current = undefined;
      const list = await listLocks({ space, prefix, changedSince }, signal);
      last.current = { key, index: list.index };
      if (list.hasMore) setIsLarge(true);
      return list;
    },
    intervalMs,
    maxIntervalMs,
  });
  const locks = polled.value?.locks ?? [];
  return { polled, found: isLarge ? locks : locks.filter(matching(search)), isLarge };
}

function matching(search: string): (summary: Summary) => boolean {
  const wanted = search.toLowerCase();
  return ({ name, holders }) =>
    name.toLowerCase().includes(wanted) ||
    holders.some(({ value }) => value.toLowerCase().includes(wanted));
}
