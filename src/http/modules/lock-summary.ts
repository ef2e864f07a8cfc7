import type { LockSpace } from '../../command/lock-path.js';
import type { WallClock } from '../../service/wall-clock.js';
import type { StateView } from '../../view/state-view.js';
import { holderJson } from './queue-json.js';

/** Of one lock, in its summary. */
const holdersMax = 100;

/** A lock in one line, however long its queue is: `holding` and `waiting` count its entries. */
export function lockSummary(
  state: StateView,
  space: LockSpace,
  name: string,
  wallClock: WallClock,
): object {
  const { holding, waiting } = state.queueSize(space, name);
  const toText = (clusterTimeMs: number) => wallClock.toText(state.onMemberClock(clusterTimeMs));
  const holders = state
    .holders(space, name, holdersMax)
    .map((entry) => holderJson(entry, wallClock.now(), toText));
  return { name, limit: state.limit(space, name), holders, holding, waiting };
}
