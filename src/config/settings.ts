import type { z } from 'zod';
import {
  addresses,
  cluster,
  hosts,
  logLevel,
  name,
  notEmpty,
  oneAddress,
  oneOf,
  origins,
  wholeNumber,
} from './setting-values.js';

/** One setting: `--key` on the command line, CONCLAVE_KEY in the environment, `key` in the file. */
export interface Setting {
  /** The placeholder for the value in the help text. */
  readonly argument: string;
  readonly help: string;
  /** Undefined where the setting may be missing, or its default follows from other settings. */
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
    help: 'watches and requests for locks that may wait at this member at a time',
    fallback: '30000',
    schema: wholeNumber(1, 1_000_000, 'requests'),
    property: 'maxWaitingRequests',
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
