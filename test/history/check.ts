import { exclusionFaults } from './exclusion.js';
import { placeFaults } from './kept-places.js';
import { checkLinearizable } from './linearizability.js';
import { isCertain, LockModel } from './lock-model.js';
import { describe, type LockOperation } from './operation.js';
import { queueFaults } from './queue-order.js';
import { type TtlBounds, ttlFaults } from './ttl-bounds.js';

/** Enough for thousands of operations on one lock; reached only by a search that leads nowhere. */
export const stepsMaxDefault = 500_000;

export interface CheckOptions extends TtlBounds {
  readonly stepsMax: number;
}

/** All clocks are one, and nothing is said of when there was a leader. */
export const oneClock: CheckOptions = {
  shortest: 1,
  longest: 1,
  calm: [],
  lateMsMax: 1500,
  stepsMax: stepsMaxDefault,
};

/** What is wrong with a history, lock by lock; empty when it keeps every promise. */
export function checkHistory(
  operations: readonly LockOperation[],
  options: CheckOptions,
): readonly string[] {
  const byLock = new Map<string, LockOperation[]>();
  for (const operation of operations) {
    const known = byLock.get(operation.lock);
    if (known === undefined) byLock.set(operation.lock, [operation]);
    else known.push(operation);
  }
  return [...byLock].flatMap(([lock, own]) =>
    [
      ...exclusionFaults(own, options),
      ...queueFaults(own),
      ...ttlFaults(own, options),
      ...placeFaults(own, options),
      ...orderFaults(own, options),
    ].map((fault) => `${lock}: ${fault}`),
  );
}

function orderFaults(
  operations: readonly LockOperation[],
  { shortest, stepsMax }: CheckOptions,
): readonly string[] {
  const model = new LockModel(operations, shortest);
  const verdict = checkLinearizable(operations.filter(isCertain), model, stepsMax);
  switch (verdict.type) {
    case 'linearizable':
      return [];
    case 'impossible':
      return [`not linearizable; it ends before ${verdict.stuckAt.map(describe).join(' and ')}`];
    case 'undecided':
      return [`not known to be linearizable after ${verdict.steps} steps`];
    default:
      return verdict satisfies never;
  }
}
