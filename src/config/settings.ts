import type { z } from 'zod';
import {
  addresses,
  addressesOrNone,
  cluster,
  hosts,
  logLevel,
  membersOrNone,
  name,
  notEmpty,
  oneAddress,
  oneOf,
  origins,
  switched,
  textOrNone,
  tlsVersion,
  wholeNumber,
} from './setting-values.js';

/** One setting: `--key` on the command line, CONCLAVE_KEY in the environment, `key` in the file. */
export interface Setting {
  /** The placeholder for the value in the help text. In brackets: a flag alone means true. */
  readonly argument: string;
  readonly help: string;
  /**
   * Undefined where the setting may be missing, its default follows from other settings, or it
   * matters whether anybody has asked for the value.
   */
  readonly fallback?: string;
  /** Takes the text of the setting and returns its checked value. */
  readonly schema: z.ZodType<unknown, string>;
  /** The name in `ServerConfig` of a value that goes there as it is. */
  readonly property?: string;
}

/** etcd's names, so that its documentation applies. */
export const settings = {
  name: {
    argument: '<name>',
    help: "this member's name, unique in the cluster",
    fallback: 'default',
    schema: name,
    property: 'name',
  },
  'data-dir': {
    argument: '<path>',
    help: 'where the member keeps its data (default: NAME.conclave)',
    schema: notEmpty,
  },
  'listen-client-urls': {
    argument: '<urls>',
    help: 'where it listens for clients',
    fallback: 'http://localhost:4001',
    schema: addresses,
    property: 'listenClientUrls',
  },
  'advertise-client-urls': {
    argument: '<urls>',
    help: 'where clients reach it (default: where it listens)',
    schema: addresses,
  },
  'listen-metrics-urls': {
    argument: '<urls>',
    help: 'where else it serves /metrics, /health, /livez and /readyz, and nothing else',
    fallback: '',
    schema: addressesOrNone,
    property: 'listenMetricsUrls',
  },
  'listen-peer-urls': {
    argument: '<url>',
    help: 'where it listens for peers',
    fallback: 'http://localhost:7001',
    schema: oneAddress,
    property: 'listenPeerUrl',
  },
  'initial-advertise-peer-urls': {
    argument: '<url>',
    help: 'where peers reach it (default: as --initial-cluster says, else where it listens)',
    schema: oneAddress,
  },
  'initial-cluster': {
    argument: '<members>',
    help: 'every member: NAME=URL,NAME=URL,… (default: this one alone)',
    schema: cluster,
  },
  'initial-cluster-state': {
    argument: '<state>',
    help: 'new or existing',
    fallback: 'new',
    schema: oneOf('new', 'existing'),
    property: 'initialClusterState',
  },
  join: {
    argument: '<urls>',
    help: 'where clients reach members of the cluster that it joins, with --initial-cluster-state existing',
    fallback: '',
    schema: addressesOrNone,
    property: 'joinUrls',
  },
  'peer-forwards': {
    argument: '<members>',
    help: 'where this member alone reaches others, instead of at their peer URLs: NAME=URL,…',
    fallback: '',
    schema: membersOrNone,
    property: 'peerForwards',
  },
  'force-new-cluster': {
    argument: '[boolean]',
    help: 'give up all other members for good, and go on alone with what this one has',
    fallback: 'false',
    schema: switched,
    property: 'forceNewCluster',
  },
  'initial-cluster-token': {
    argument: '<token>',
    help: 'tells apart clusters whose members have equal names',
    fallback: 'conclave-cluster',
    schema: notEmpty,
    property: 'initialClusterToken',
  },
  'heartbeat-interval': {
    argument: '<ms>',
    help: 'time between two heartbeats',
    fallback: '100',
    schema: wholeNumber(10, 5000, 'milliseconds'),
    property: 'heartbeatIntervalMs',
  },
  'election-timeout': {
    argument: '<ms>',
    help: 'silence after which a leader is replaced',
    fallback: '1000',
    schema: wholeNumber(50, 50_000, 'milliseconds'),
    property: 'electionTimeoutMs',
  },
  'snapshot-count': {
    argument: '<entries>',
    help: 'entries between two snapshots, at least',
    fallback: '10000',
    schema: wholeNumber(10, 100_000_000, 'entries'),
    property: 'snapshotCount',
  },
  'cert-file': {
    argument: '<path>',
    help: 'certificate for https, as PEM, and those between it and its authority',
    schema: textOrNone,
  },
  'key-file': {
    argument: '<path>',
    help: 'private key of that certificate, as PEM',
    schema: textOrNone,
  },
  'trusted-ca-file': {
    argument: '<path>',
    help: 'clients by https must show a certificate of one of these authorities',
    schema: textOrNone,
  },
  'client-cert-auth': {
    argument: '[boolean]',
    help: 'the same, and the common name of a certificate is its user; it needs --trusted-ca-file',
    schema: switched,
  },
  'client-crl-file': {
    argument: '<path>',
    help: 'lists of revoked certificates of clients, as PEM: one of each authority',
    schema: textOrNone,
  },
  'auto-tls': {
    argument: '[boolean]',
    help: 'for development: make a self-signed certificate for https, where none is given',
    schema: switched,
  },
  'peer-cert-file': {
    argument: '<path>',
    help: 'certificate for peers, where their URLs begin with https',
    schema: textOrNone,
  },
  'peer-key-file': {
    argument: '<path>',
    help: 'private key of that certificate, as PEM',
    schema: textOrNone,
  },
  'peer-trusted-ca-file': {
    argument: '<path>',
    help: 'peers must show a certificate of one of these authorities',
    schema: textOrNone,
  },
  'peer-client-cert-auth': {
    argument: '[boolean]',
    help: 'the same, and always on',
    schema: switched,
  },
  'peer-cert-allowed-cn': {
    argument: '<name>',
    help: 'common name of all peer certificates (default: each names the host of its peer URL)',
    schema: textOrNone,
  },
  'peer-cert-allowed-hostname': {
    argument: '<name>',
    help: 'what all peer certificates name, instead of that host',
    schema: textOrNone,
  },
  'peer-crl-file': {
    argument: '<path>',
    help: 'lists of revoked certificates of peers, as PEM: one of each authority',
    schema: textOrNone,
  },
  'peer-auto-tls': {
    argument: '[boolean]',
    help: 'for development: make a certificate for peers, where none is given, and verify no peer',
    schema: switched,
  },
  'tls-min-version': {
    argument: '<version>',
    help: 'the oldest version of TLS that is spoken: TLS1.2 or TLS1.3',
    fallback: 'TLS1.2',
    schema: tlsVersion,
  },
  cors: {
    argument: '<origins>',
    help: 'origins whose pages may send requests, or * (default: none)',
    schema: origins,
  },
  'host-whitelist': {
    argument: '<hosts>',
    help: 'host names that clients may use for this member, or *',
    fallback: '*',
    schema: hosts,
    property: 'hosts',
  },
  'max-request-bytes': {
    argument: '<bytes>',
    help: 'the largest request body that is accepted',
    fallback: '1572864',
    schema: wholeNumber(1024, 3 * 1024 * 1024, 'bytes'),
    property: 'maxRequestBytes',
  },
  'max-waiting-requests': {
    argument: '<requests>',
    help: 'watches and requests for locks that may wait at this member at a time (default: 30000)',
    schema: wholeNumber(1, 1_000_000, 'requests'),
    property: 'maxWaitingRequests',
  },
  'max-connections-per-address': {
    argument: '<n>',
    help: 'connections of clients from one address at a time; 0: no limit of its own',
    fallback: '0',
    schema: wholeNumber(0, 1_000_000, 'connections'),
    property: 'maxConnectionsPerAddress',
  },
  'request-timeout': {
    argument: '<ms>',
    help: 'how long a request waits for the cluster to answer it',
    fallback: '3000',
    schema: wholeNumber(100, 600_000, 'milliseconds'),
    property: 'requestTimeoutMs',
  },
  'v2-default-read': {
    argument: '<kind>',
    help: 'what a GET of a key without "quorum" reads: local, as in etcd, or linearizable',
    fallback: 'linearizable',
    schema: oneOf('local', 'linearizable'),
    property: 'defaultRead',
  },
  'audit-log': {
    argument: '<path>',
    help: 'where it tells each change and each refusal, in a line of JSON; - is standard output',
    schema: notEmpty,
    property: 'auditLog',
  },
  'audit-required': {
    argument: '<true|false>',
    help: 'whether nothing may change while the audit log cannot be written',
    fallback: 'false',
    schema: oneOf('true', 'false'),
    property: 'auditRequired',
  },
  'log-level': {
    argument: '<level>',
    help: 'debug, info, warn, error, or fatal for nothing',
    fallback: 'info',
    schema: logLevel,
    property: 'logLevel',
  },
  'log-format': {
    argument: '<format>',
    help: 'text for people, or json (default: text on a terminal, else json)',
    schema: oneOf('text', 'json'),
    property: 'logFormat',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

export const settingKeys = Object.keys(settings) as readonly SettingKey[];

/** Undefined only where a setting has no fallback. */
type ValueOf<S extends Setting> =
  | z.output<S['schema']>
  | (S extends { readonly fallback: string } ? never : undefined);

/** The checked values of all settings. */
export type SettingValues = {
  readonly [Key in SettingKey]: ValueOf<(typeof settings)[Key]>;
};

type PropertyOf<S extends Setting> = S extends { readonly property: infer P extends string }
  ? P
  : never;

/** What `ServerConfig` has of the settings as it is. */
export type PlainConfig = {
  readonly [Key in SettingKey as PropertyOf<(typeof settings)[Key]>]: SettingValues[Key];
};

export function plainConfig(values: SettingValues): PlainConfig {
  const properties = settingKeys.flatMap((key) => {
    const { property }: Setting = settings[key];
    return property === undefined ? [] : [[property, values[key]]];
  });
  return Object.fromEntries(properties) as PlainConfig;
}

export function environmentName(key: SettingKey | 'config-file'): string {
  return `CONCLAVE_${key.toUpperCase().replaceAll('-', '_')}`;
}

/** Whether the flag may stand without a value, which means true. */
export function isSwitched(key: SettingKey): boolean {
  return settings[key].argument.startsWith('[');
}

export function dataDirectoryOf(values: SettingValues): string {
  return values['data-dir'] ?? `${values.name}.conclave`;
}
