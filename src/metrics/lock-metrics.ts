import type { LockSpace } from '../command/lock-path.js';
import type { LockStatistics } from '../view/lock-statistics.js';
import type { QueueSize } from '../view/queue.js';
import type { Collection, LabelledValue } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** Never by name: there may be any number of locks, and clients choose their names. */
const spaces = [
  { space: 'lock', label: 'locks' },
  { space: 'leader', label: 'elections' },
] as const satisfies readonly { readonly space: LockSpace; readonly label: string }[];

/** Locks and elections, all of each together. All members count the same. */
export function addLockMetrics(collection: Collection, { context }: MetricSources): void {
  const { locks } = context.coordinator.state;
  const sizes = (read: (size: QueueSize & { readonly names: number }) => number) => () =>
    spaces.map(({ space, label }) => ({
      labels: { space: label },
      value: read(locks.totals(space)),
    }));
  const counts =
    (name: string, read: (of: LockStatistics) => Readonly<Record<string, number>>) => () =>
      spaces.flatMap(({ space, label }) => labelled(label, name, read(locks.statistics(space))));
  collection.gauges(
    'conclave_lock_names',
    'Names with a queue.',
    ['space'],
    sizes((of) => of.names),
  );
  collection.gauges(
    'conclave_lock_holders',
    'Places in queues that hold.',
    ['space'],
    sizes((of) => of.holding),
  );
  collection.gauges(
    'conclave_lock_waiters',
    'Places in queues that wait.',
    ['space'],
    sizes((of) => of.waiting),
  );
  collection.counters(
    'conclave_lock_acquires_total',
    'Acquires that held at once, had to wait, or were refused since the lock was held.',
    ['space', 'result'],
    counts('result', (of) => of.acquires),
  );
  collection.counters(
    'conclave_lock_ended_total',
    'Holders that released, whose TTL ended, or that somebody else removed.',
    ['space', 'reason'],
    counts('reason', (of) => of.ended),
  );
  collection.counters(
    'conclave_lock_expired_total',
    'Holders and waiters whose TTL ended.',
    ['space', 'role'],
    counts('role', (of) => ({ holder: of.ended.expired, waiter: of.expiredWaiters })),
  );
  collection.histograms(
    'conclave_lock_wait_seconds',
    'From the place in the queue to the grant.',
    ['space'],
    () =>
      spaces.map(({ space, label }) => ({
        labels: { space: label },
        counts: locks.statistics(space).waits,
      })),
  );
  collection.histograms('conclave_lock_hold_seconds', 'From the grant to the end.', ['space'], () =>
    spaces.map(({ space, label }) => ({
      labels: { space: label },
      counts: locks.statistics(space).holds,
    })),
  );
}

function labelled(
  space: string,
  name: string,
  counts: Readonly<Record<string, number>>,
): readonly LabelledValue[] {
  return Object.entries(counts).map(([kind, value]) => ({
    labels: { space, [name]: kind },
    value,
  }));
}
