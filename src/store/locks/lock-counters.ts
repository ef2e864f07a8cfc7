import type { LockSpace } from '../../command/lock-path.js';
import { Histogram } from '../../histogram.js';
import type { AcquireResult, HoldEnd, LockStatistics } from '../../view/lock-statistics.js';

/** Milliseconds: from one to four hours. */
const bounds = [
  1, 5, 10, 50, 100, 500, 1000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
  14_400_000,
];

/** Counts since the start of this member. They are not replicated. */
class SpaceStatistics {
  readonly waits = new Histogram(bounds);
  readonly holds = new Histogram(bounds);
  readonly acquires = { held: 0, waits: 0, refused: 0 };
  readonly ended = { released: 0, expired: 0, forced: 0 };
  #expiredWaiters = 0;

  get expiredWaiters(): number {
    return this.#expiredWaiters;
  }

  waiterExpired(): void {
    this.#expiredWaiters += 1;
  }

  acquired(result: AcquireResult): void {
    this.acquires[result] += 1;
  }

  holdEnded(reason: HoldEnd, heldMs: number): void {
    this.ended[reason] += 1;
    this.holds.add(heldMs);
  }
}

/** What the statistics of locks and of elections are made of. */
export class LockCounters {
  readonly #spaces = { lock: new SpaceStatistics(), leader: new SpaceStatistics() };

  of(space: LockSpace): SpaceStatistics {
    return this.#spaces[space];
  }

  describe(space: LockSpace): LockStatistics {
    const { acquires, ended, expiredWaiters, waits, holds } = this.#spaces[space];
    return {
      space,
      acquires: { ...acquires },
      ended: { ...ended },
      expiredWaiters,
      waits: waits.describe(),
      holds: holds.describe(),
    };
  }
}
