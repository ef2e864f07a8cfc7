import type { LockSpace } from '../../command/lock-path.js';
import type { WallClock } from '../../service/wall-clock.js';
import type { HolderChange } from '../../view/holder-change.js';
import type { StateView } from '../../view/state-view.js';
import { lockSummary } from './lock-summary.js';
import { changeJson } from './queue-json.js';
import type { EventSource, ServerSentEvent } from './server-sent-events.js';

interface Lock {
  readonly space: LockSpace;
  readonly name: string;
}

/**
 * The changes of the holders of one lock, in the order of the log. A client that knows nothing gets
 * a `state` first, then a `change` for each step of the log. Changes that are no longer remembered
 * are told as a `gap`, and a `state` follows.
 */
export class HolderSource implements EventSource {
  readonly #state: StateView;
  readonly #lock: Lock;
  readonly #wallClock: WallClock;
  /** Undefined: the client knows nothing yet. */
  #toldUpTo: number | undefined;
  /** This source was told of every change since `#toldUpTo`. */
  #heardAll = false;

  constructor(state: StateView, lock: Lock, wallClock: WallClock, knownUpTo: number | undefined) {
    this.#state = state;
    this.#lock = lock;
    this.#wallClock = wallClock;
    this.#toldUpTo = knownUpTo;
  }

  onMore(listener: () => void): () => void {
    return this.#state.locks.onHolder(this.#lock.space, this.#lock.name, (change) => {
      if (change === 'lost') this.#heardAll = false;
      listener();
    });
  }

  take(): readonly ServerSentEvent[] {
    const { space, name } = this.#lock;
    const changedIndex = this.#state.locks.holderChangedIndex(space, name);
    const toldUpTo = this.#toldUpTo;
    const heardAll = this.#heardAll;
    this.#heardAll = true;
    if (toldUpTo === undefined) {
      this.#toldUpTo = changedIndex;
      return [this.#present(changedIndex)];
    }
    if (changedIndex <= toldUpTo) return [];
    this.#toldUpTo = changedIndex;
    const { changes, oldestIndex } = this.#state.locks.holderChanges(space, name, toldUpTo + 1);
    if (oldestIndex <= (heardAll ? changedIndex : toldUpTo + 1)) return this.#told(changes);
    const data = { toldUpTo, oldestIndex };
    return [{ event: 'gap', id: toldUpTo, data }, this.#present(changedIndex)];
  }

  #present(id: number): ServerSentEvent {
    const { space, name } = this.#lock;
    const data = { index: id, ...lockSummary(this.#state, space, name, this.#wallClock) };
    return { event: 'state', id, data };
  }

  /** All changes at one index are one event, so a client that resumes from its id misses none. */
  #told(changes: readonly HolderChange[]): readonly ServerSentEvent[] {
    const steps = new Map<number, HolderChange[]>();
    for (const change of changes) {
      const step = steps.get(change.at);
      if (step === undefined) steps.set(change.at, [change]);
      else step.push(change);
    }
    const toText = (ms: number) => this.#wallClock.toText(this.#state.time.onMemberClock(ms));
    return [...steps].map(([at, step]) => {
      const data = { index: at, changes: step.map((change) => changeJson(change, toText)) };
      return { event: 'change', id: at, data };
    });
  }
}
