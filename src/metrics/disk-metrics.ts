import type { Collection } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** The disk, the log and the snapshots. etcd has two databases, and this member has one. */
export function addDiskMetrics(collection: Collection, sources: MetricSources): void {
  const { coordinator } = sources.context;
  const measured = () => coordinator.measurements();
  const diskBytes = () => coordinator.memberStatus().diskBytes;
  collection.histogram(
    'etcd_disk_wal_fsync_duration_seconds',
    'A write to the log, up to its end on disk.',
    () => measured().durations.sync,
  );
  collection.histogram(
    'etcd_disk_backend_commit_duration_seconds',
    'The same as etcd_disk_wal_fsync_duration_seconds: there is one database.',
    () => measured().durations.sync,
  );
  collection.histogram(
    'conclave_commit_duration_seconds',
    'From the start of the write of a batch of entries until the member applies its last one.',
    () => measured().durations.commit,
  );
  collection.histogram(
    'conclave_apply_duration_seconds',
    'Applying a batch of entries to the state.',
    () => measured().durations.apply,
  );
  collection.gauge(
    'etcd_mvcc_db_total_size_in_bytes',
    'The size of the data directory, at most some seconds old.',
    diskBytes,
  );
  collection.gauge(
    'etcd_server_quota_backend_bytes',
    'What the data directory has, together with what its file system has left.',
    async () => {
      const used = diskBytes();
      return used === undefined ? undefined : used + (await sources.diskFreeBytes());
    },
  );
  collection.counters(
    'conclave_snapshots_total',
    'Snapshots that were taken, sent to a follower, not sent, or installed from a leader.',
    ['event'],
    () => {
      const { taken, sent, notSent, installed } = measured().snapshots;
      return [
        { labels: { event: 'taken' }, value: taken },
        { labels: { event: 'sent' }, value: sent },
        { labels: { event: 'not_sent' }, value: notSent },
        { labels: { event: 'installed' }, value: installed },
      ];
    },
  );
  collection.gauge(
    'conclave_snapshot_size_bytes',
    'The size of the newest snapshot; zero when there is none.',
    () => measured().snapshots.newestBytes,
  );
}
