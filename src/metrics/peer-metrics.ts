import type { Collection } from './collection.js';
import type { MetricSources } from './metric-sources.js';

/** The network between the members. As in etcd, the label is the id of the other member. */
export function addPeerMetrics(collection: Collection, { context }: MetricSources): void {
  const { coordinator } = context;
  const traffic = () => [...coordinator.measurements().traffic];
  collection.counters(
    'etcd_network_peer_sent_bytes_total',
    'Bytes that were sent to the peer.',
    ['To'],
    () => traffic().map(([To, { sentBytes }]) => ({ labels: { To }, value: sentBytes })),
  );
  collection.counters(
    'etcd_network_peer_received_bytes_total',
    'Bytes that came from the peer.',
    ['From'],
    () =>
      traffic().map(([From, { receivedBytes }]) => ({ labels: { From }, value: receivedBytes })),
  );
  collection.counters(
    'etcd_network_peer_sent_failures_total',
    'Messages that were dropped because the peer could not take them, and failed connections.',
    ['To'],
    () => traffic().map(([To, { failures }]) => ({ labels: { To }, value: failures })),
  );
  collection.histograms(
    'etcd_network_peer_round_trip_time_seconds',
    'From a ping to its answer.',
    ['To'],
    () => traffic().map(([To, { roundTrips }]) => ({ labels: { To }, counts: roundTrips })),
  );
  collection.gauges(
    'conclave_peer_reachable',
    'Whether the peer answers this member: 1 or 0.',
    ['To'],
    () =>
      [...coordinator.contacts()].map(([To, { reachable }]) => ({
        labels: { To },
        value: reachable ? 1 : 0,
      })),
  );
  collection.gauges(
    'conclave_follower_lag_entries',
    'At the leader: committed entries that the follower has not acknowledged.',
    ['To'],
    () => {
      const { commitIndex } = coordinator.status();
      return coordinator.peers().map(({ id, matchIndex }) => ({
        labels: { To: id },
        value: Math.max(0, commitIndex - matchIndex),
      }));
    },
  );
}
