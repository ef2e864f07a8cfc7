/**
 * A flag of etcd 3.4 that is no setting here, so that a start script of etcd starts this program,
 * or is told why not.
 * - `ignored`: it has no effect here that anybody could miss.
 * - `refused`: it asks for something that is missing here, unless its value is harmless.
 *
 * `reason` completes a sentence, in the log or in the refusal.
 */
export type EtcdFlag =
  | { readonly type: 'ignored'; readonly value: ValueKind; readonly reason: string }
  | {
      readonly type: 'refused';
      readonly value: ValueKind;
      readonly harmless: string;
      readonly reason: string;
    };

/** A boolean may stand without a value, which means true. */
export type ValueKind = 'boolean' | 'text';

function ignored(value: ValueKind, reason: string): EtcdFlag {
  return { type: 'ignored', value, reason };
}

function refusedUnless(harmless: string, value: ValueKind, reason: string): EtcdFlag {
  return { type: 'refused', value, harmless, reason };
}

const noV3 = 'the v3 API is not served';
const noDiscovery = 'members are found by --initial-cluster only';
const noProxy = 'every member serves all requests, and none is only a proxy';

/** By name, in the order of `etcd --help`. The last three are in etcd, but not in its help. */
export const etcdFlags: ReadonlyMap<string, EtcdFlag> = new Map([
  ['wal-dir', ignored('text', 'the log is in --data-dir')],
  ['initial-election-tick-advance', ignored('boolean', 'elections need no such advance')],
  ['max-snapshots', ignored('text', 'one snapshot is kept')],
  ['max-wals', ignored('text', 'the log is as long as --snapshot-count makes it')],
  ['quota-backend-bytes', ignored('text', noV3)],
  ['backend-batch-interval', ignored('text', noV3)],
  ['backend-batch-limit', ignored('text', noV3)],
  ['max-txn-ops', ignored('text', noV3)],
  ['max-concurrent-streams', ignored('text', 'clients use HTTP/1.1, without streams')],
  ['grpc-keepalive-min-time', ignored('text', 'clients use no gRPC')],
  ['grpc-keepalive-interval', ignored('text', 'clients use no gRPC')],
  ['grpc-keepalive-timeout', ignored('text', 'clients use no gRPC')],
  ['discovery', refusedUnless('', 'text', noDiscovery)],
  ['discovery-fallback', ignored('text', noDiscovery)],
  ['discovery-proxy', ignored('text', noDiscovery)],
  ['discovery-srv', refusedUnless('', 'text', noDiscovery)],
  ['discovery-srv-name', ignored('text', noDiscovery)],
  ['strict-reconfig-check', ignored('boolean', 'it is always on')],
  ['pre-vote', ignored('boolean', 'it is always on')],
  ['auto-compaction-retention', ignored('text', noV3)],
  ['auto-compaction-mode', ignored('text', noV3)],
  ['enable-v2', refusedUnless('true', 'boolean', 'the v2 API is the only one')],
  [
    'client-cert-allowed-hostname',
    refusedUnless('', 'text', 'a certificate of a client is trusted for its authority alone'),
  ],
  ['cipher-suites', refusedUnless('', 'text', 'none is spoken that is known to be weak')],
  ['auth-token', ignored('text', noV3)],
  ['bcrypt-cost', ignored('text', 'passwords are kept by scrypt, always at the same cost')],
  ['auth-token-ttl', ignored('text', noV3)],
  ['enable-pprof', ignored('boolean', 'it profiles programs in Go')],
  ['metrics', ignored('text', 'all metrics are always served')],
  ['logger', ignored('text', '--log-format decides')],
  ['log-outputs', ignored('text', 'the log goes to stdout')],
  ['proxy', refusedUnless('off', 'text', noProxy)],
  ['proxy-failure-wait', ignored('text', noProxy)],
  ['proxy-refresh-interval', ignored('text', noProxy)],
  ['proxy-dial-timeout', ignored('text', noProxy)],
  ['proxy-write-timeout', ignored('text', noProxy)],
  ['proxy-read-timeout', ignored('text', noProxy)],
  [
    'experimental-initial-corrupt-check',
    ignored('boolean', 'the data directory is checked at every start'),
  ],
  ['experimental-corrupt-check-time', ignored('text', 'the data is checked at the start only')],
  ['experimental-enable-v2v3', refusedUnless('', 'text', noV3)],
  ['experimental-backend-bbolt-freelist-type', ignored('text', 'there is no bbolt')],
  [
    'experimental-enable-lease-checkpoint',
    ignored('boolean', 'a new leader always goes on with the time that is left'),
  ],
  ['experimental-compaction-batch-limit', ignored('text', noV3)],
  [
    'experimental-peer-skip-client-san-verification',
    refusedUnless('false', 'boolean', 'a certificate has to name its member'),
  ],
  ['experimental-watch-progress-notify-interval', ignored('text', noV3)],
  ['experimental-warning-apply-duration', ignored('text', 'slow requests are not logged')],
  ['debug', ignored('boolean', '--log-level debug does it')],
  ['log-package-levels', ignored('text', '--log-level is for all parts')],
  ['enable-grpc-gateway', ignored('boolean', noV3)],
  ['log-output', ignored('text', 'the log goes to stdout')],
  ['unsafe-no-fsync', ignored('boolean', 'every write is synced to the disk')],
]);
