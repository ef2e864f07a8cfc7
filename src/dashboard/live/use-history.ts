import { useEffect } from 'preact/hooks';
import type { ClusterView } from '../api/cluster.js';
import { type History, readHistory } from '../api/history.js';
import { type UsedPoll, usePoll } from './use-poll.js';

/** The history fills the charts, and need not be new: the page measures by itself from now on. */
const intervalMs = 60_000;
const maxIntervalMs = 60_000;

/** Asks again at once when the member has seen something happen. */
export function useHistory(view: ClusterView | undefined): UsedPoll<History> {
  const history = usePoll({ key: 'history', ask: readHistory, intervalMs, maxIntervalMs });
  const events = view?.self.events;
  const { refresh } = history;
  useEffect(() => {
    if (events !== undefined) refresh();
  }, [events, refresh]);
  return history;
}
