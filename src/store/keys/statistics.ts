import type { KeyCommand } from '../../command/keys.js';
import type { StoreStatistics } from '../../view/store-statistics.js';

/** Counters since the start of this member. They are not replicated. */
export class Statistics {
  readonly #succeeded = new Map<CountedAction, number>();
  readonly #failed = new Map<CountedAction, number>();
  expired = 0;

  count(action: CountedAction, success: boolean): void {
    const counts = success ? this.#succeeded : this.#failed;
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }

  /** The counters under the names of etcd's `/v2/stats/store`. */
  report(watchers: number): StoreStatistics {
    const ok = (action: CountedAction) => this.#succeeded.get(action) ?? 0;
    const failed = (action: CountedAction) => this.#failed.get(action) ?? 0;
    return {
      getsSuccess: ok('get'),
      getsFail: failed('get'),
      setsSuccess: ok('set'),
      setsFail: failed('set'),
      deleteSuccess: ok('delete'),
      deleteFail: failed('delete'),
      updateSuccess: ok('update'),
      updateFail: failed('update'),
      createSuccess: ok('create') + ok('createInOrder'),
      createFail: failed('create') + failed('createInOrder'),
      compareAndSwapSuccess: ok('compareAndSwap'),
      compareAndSwapFail: failed('compareAndSwap'),
      compareAndDeleteSuccess: ok('compareAndDelete'),
      compareAndDeleteFail: failed('compareAndDelete'),
      expireCount: this.expired,
      watchers,
    };
  }
}

type CountedAction = KeyCommand['type'] | 'get';
