import type { LockSpace } from '../../command/lock-path.js';
import type { WallClock } from '../../service/wall-clock.js';
import type { StateView } from '../../view/state-view.js';
import { holderJson } from './queue-json.js';

/** Of one lock, in its summary. */
const holdersMax = 100;

/** A lock in one line, however long its queue is: `holding` and `waiting` count its entries. */
export function lockSummary(
  { locks, time }: Pick<StateView, 'locks' | 'time'>,
  space: LockSpace,
  name: string,
  wallClock: WallClock,
): object {
  const { holding, waiting } = locks.queueSize(space, name);
  const toText = (clusterTimeMs: number) => wallClock.toText(time.onMemberClock(clusterTimeMs));
  const holders = locks
    .holders(space, name, holdersMax)
    .map((entry) => holderJson(entry, wallClock.now(), toText));
  return { name, limit: locks.limit(space, name), holders, holding, waiting };
}
