import type { Collection, LabelledValue } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** The keys and the watches, with the names of etcd's v2 store. */
export function addStoreMetrics(collection: Collection, { context }: MetricSources): void {
  const { coordinator } = context;
  const counted = () => coordinator.state.keys.statistics();
  collection.counters(
    'etcd_debugging_store_reads_total',
    'Reads of keys that found what they asked for, at this member.',
    ['action'],
    () => [action('get', counted().getsSuccess)],
  );
  collection.counters(
    'etcd_debugging_store_reads_failed_total',
    'Reads of keys that found nothing, at this member.',
    ['action'],
    () => [action('get', counted().getsFail)],
  );
  collection.counters(
    'etcd_debugging_store_writes_total',
    'Writes of keys that were applied, through any member.',
    ['action'],
    () => {
      const all = counted();
      return [
        action('set', all.setsSuccess),
        action('create', all.createSuccess),
        action('update', all.updateSuccess),
        action('delete', all.deleteSuccess),
        action('compareAndSwap', all.compareAndSwapSuccess),
        action('compareAndDelete', all.compareAndDeleteSuccess),
      ];
    },
  );
  collection.counters(
    'etcd_debugging_store_writes_failed_total',
    'Writes of keys that were applied and had no effect, through any member.',
    ['action'],
    () => {
      const all = counted();
      return [
        action('set', all.setsFail),
        action('create', all.createFail),
        action('update', all.updateFail),
        action('delete', all.deleteFail),
        action('compareAndSwap', all.compareAndSwapFail),
        action('compareAndDelete', all.compareAndDeleteFail),
      ];
    },
  );
  collection.counter(
    'etcd_debugging_store_expires_total',
    'Keys whose TTL has ended.',
    () => counted().expireCount,
  );
  collection.gauge(
    'etcd_debugging_store_watchers',
    'Watches that wait at this member.',
    () => counted().watchers,
  );
}

function action(name: string, value: number): LabelledValue {
  return { labels: { action: name }, value };
}
