import type { Collection } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** Where the member stands in the cluster, with the names of etcd's server. */
export function addRaftMetrics(collection: Collection, { context }: MetricSources): void {
  const { coordinator, version } = context;
  const status = () => coordinator.status();
  const measured = () => coordinator.measurements();
  collection.gauge('etcd_server_has_leader', 'Whether the member knows a leader: 1 or 0.', () =>
    status().leaderId === undefined ? 0 : 1,
  );
  collection.gauge('etcd_server_is_leader', 'Whether the member leads: 1 or 0.', () =>
    status().role === 'leader' ? 1 : 0,
  );
  collection.counter(
    'etcd_server_leader_changes_seen_total',
    'How often the member has learnt of a leader, or of a new term of the same.',
    () => measured().leaderChanges,
  );
  collection.gauge(
    'etcd_server_proposals_committed_total',
    'The commit index: the entries of the log that are safe.',
    () => status().commitIndex,
  );
  collection.gauge(
    'etcd_server_proposals_applied_total',
    'The applied index: the entries of the log that the state has.',
    () => status().appliedIndex,
  );
  collection.gauge(
    'etcd_server_proposals_pending',
    'Commands of this member and of its clients that have no result yet.',
    () => measured().proposals.pending,
  );
  collection.counter(
    'etcd_server_proposals_failed_total',
    'Commands that found no room, or that nobody confirmed in time.',
    () => measured().proposals.failed,
  );
  collection.counter(
    'etcd_server_slow_apply_total',
    'Batches of entries that took 100 ms or more to apply.',
    () => measured().slowApplies,
  );
  collection.gauge('conclave_raft_term', 'The current term.', () => status().currentTerm);
  collection.counter(
    'conclave_raft_campaigns_total',
    'Terms in which the member was a candidate.',
    () => measured().campaigns,
  );
  collection.counters(
    'conclave_forwarded_total',
    'Commands and reads that the member handed to the leader, or got from its followers.',
    ['what', 'direction'],
    () => {
      const { commandsSent, readsSent, commandsReceived, readsReceived } = measured().forwarded;
      return [
        { labels: { what: 'commands', direction: 'sent' }, value: commandsSent },
        { labels: { what: 'reads', direction: 'sent' }, value: readsSent },
        { labels: { what: 'commands', direction: 'received' }, value: commandsReceived },
        { labels: { what: 'reads', direction: 'received' }, value: readsReceived },
      ];
    },
  );
  collection.gauges('conclave_build_info', 'The release, as a label.', ['version'], () => [
    { labels: { version }, value: 1 },
  ]);
}
