import { createHash } from 'node:crypto';
import { type MemberId, memberId } from '../ids.js';
import type { PeerTlsFiles, TlsFiles } from '../tls/tls-files.js';
import { ConfigError } from './config-error.js';
import { etcdNotices } from './etcd-notices.js';
import { type Given, sourcesOf } from './given.js';
import { type HttpAddress, isLoopback, isWildcard } from './http-address.js';
import { ownCertificateNotices } from './own-certificates.js';
import type { NamedAddress } from './setting-values.js';
import {
  dataDirectoryOf,
  type PlainConfig,
  plainConfig,
  type Setting,
  type SettingKey,
  type SettingValues,
  settingKeys,
  settings,
} from './settings.js';
import { type ConfigSources, gather, unknownVariables } from './sources.js';
import { clientTls, peerTls } from './tls-settings.js';

/** The whole configuration of a member, checked. */
export interface ServerConfig extends PlainConfig {
  readonly memberId: MemberId;
  readonly clusterId: string;
  readonly dataDir: string;
  readonly advertiseClientUrls: readonly string[];
  readonly initialAdvertisePeerUrl: string;
  /** All members, this one included, in the order of their ids: the same on every member. */
  readonly initialCluster: readonly ClusterMember[];
  readonly corsOrigins: readonly string[];
  /** Of the URLs for clients that begin with https; undefined when none does. */
  readonly clientTls: TlsFiles | undefined;
  /** Undefined: the members do not speak TLS with each other. */
  readonly peerTls: PeerTlsFiles | undefined;
}

export interface ClusterMember {
  readonly memberId: MemberId;
  readonly name: string;
  /** As this member reaches it; other members may be configured with another address. */
  readonly peerUrl: HttpAddress;
}

export interface LoadedConfig {
  readonly config: ServerConfig;
  /** One line each. */
  readonly warnings: readonly string[];
}

/** @throws {ConfigError} */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { settings: given, etcdFlags } = gather(sources);
  const notices = etcdNotices(etcdFlags);
  const values = check(given);
  refuseContradictions(values, given);
  const sourceOf = sourcesOf(given);
  const warnings = [
    ...[...notices, ...unknownVariables(sources.environment)],
    ...ownCertificateNotices(values, sourceOf),
  ];
  const tls = { clientTls: clientTls(values, sourceOf), peerTls: peerTls(values, sourceOf) };
  return { config: { ...derive(values), ...tls }, warnings };
}

/** Which member of which cluster this is. */
export type MemberConfig = Pick<
  ServerConfig,
  'name' | 'memberId' | 'clusterId' | 'dataDir' | 'initialCluster'
>;

/**
 * The same as for the server, from the settings that matter for it.
 * @throws {ConfigError}
 */
export function loadMemberConfig(sources: ConfigSources): MemberConfig {
  const values = check(gather(sources).settings);
  const named = initialCluster(values);
  ownMember(values, named);
  return memberConfig(values, named);
}

function check(given: ReadonlyMap<SettingKey, Given>): SettingValues {
  const values = settingKeys.map((key) => [key, checkOne(key, given.get(key))]);
  return Object.fromEntries(values) as SettingValues;
}

function checkOne(key: SettingKey, given: Given | undefined): unknown {
  const { schema, fallback }: Setting = settings[key];
  const text = given?.text ?? fallback;
  if (text === undefined) return undefined;
  const { error, data } = schema.safeParse(text);
  if (error === undefined) return data;
  const [issue] = error.issues;
  // The message may quote the faulty part already; then the whole value is not repeated.
  const tail = issue?.message.includes('"') ? '' : `, not "${text}"`;
  throw new ConfigError(`${given?.source ?? key} ${issue?.message}${tail}`);
}

/** Refuses settings that contradict each other. */
function refuseContradictions(values: SettingValues, given: ReadonlyMap<SettingKey, Given>): void {
  const sourceOf = sourcesOf(given);
  const heartbeat = values['heartbeat-interval'];
  const election = values['election-timeout'];
  if (election < 5 * heartbeat) {
    const source = given.has('election-timeout') ? 'election-timeout' : 'heartbeat-interval';
    throw new ConfigError(
      `${sourceOf(source)}: the election timeout (${election} ms) must be at least five ` +
        `heartbeat intervals (of ${heartbeat} ms)`,
    );
  }
  if (values.join.length > 0 && values['initial-cluster-state'] === 'new') {
    throw new ConfigError(
      `${sourceOf('join')}: only a member with --initial-cluster-state existing joins a cluster`,
    );
  }
  const peers = values['listen-peer-urls'];
  if (values['listen-client-urls'].some(({ url }) => url === peers.url)) {
    throw new ConfigError(`${sourceOf('listen-peer-urls')}: clients are served at ${peers.url}`);
  }
  for (const { url } of values['listen-metrics-urls']) {
    const taken = [peers, ...values['listen-client-urls']].some((other) => other.url === url);
    if (taken) throw new ConfigError(`${sourceOf('listen-metrics-urls')}: ${url} is taken already`);
  }
  for (const key of ['advertise-client-urls', 'initial-advertise-peer-urls'] as const) {
    const wildcard = [values[key] ?? []].flat().find(isWildcard);
    if (wildcard === undefined) continue;
    throw new ConfigError(`${sourceOf(key)}: nobody can connect to ${wildcard.url}`);
  }
}

function derive(values: SettingValues): Omit<ServerConfig, 'clientTls' | 'peerTls'> {
  const named = initialCluster(values);
  return {
    ...plainConfig(values),
    ...memberConfig(values, named),
    advertiseClientUrls: advertisedClientUrls(values),
    initialAdvertisePeerUrl: ownAddress(values, named).url,
    corsOrigins: values.cors ?? [],
  };
}

function memberConfig(values: SettingValues, named: readonly NamedAddress[]): MemberConfig {
  const token = values['initial-cluster-token'];
  const members = named
    .map(({ name, address }) => ({ memberId: memberIdOf(token, name), name, peerUrl: address }))
    .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  return {
    name: values.name,
    memberId: memberIdOf(token, values.name),
    clusterId: digest([token, ...members.map((member) => member.memberId)]),
    dataDir: dataDirectoryOf(values),
    initialCluster: members,
  };
}

function initialCluster(values: SettingValues): readonly NamedAddress[] {
  const told = values['initial-cluster'];
  if (told !== undefined) return told;
  const address = values['initial-advertise-peer-urls'] ?? values['listen-peer-urls'];
  if (!isWildcard(address)) return [{ name: values.name, address }];
  throw new ConfigError(
    `--initial-advertise-peer-urls is needed beside --listen-peer-urls ${address.url}, ` +
      'an address that peers cannot connect to',
  );
}

/** This member's address in --initial-cluster, which must agree with its other settings. */
function ownAddress(values: SettingValues, cluster: readonly NamedAddress[]): HttpAddress {
  const own = ownMember(values, cluster);
  const advertised = values['initial-advertise-peer-urls'];
  if (advertised !== undefined && advertised.url !== own.address.url) {
    throw new ConfigError(
      `--initial-advertise-peer-urls says ${advertised.url}, ` +
        `but --initial-cluster says ${own.address.url} for "${values.name}"`,
    );
  }
  const listen = values['listen-peer-urls'];
  if (isLoopback(listen) && !isLoopback(own.address)) {
    throw new ConfigError(
      `--listen-peer-urls ${listen.url} can be reached from this host only, ` +
        `but the peers are told ${own.address.url}`,
    );
  }
  return own.address;
}

function ownMember(values: SettingValues, cluster: readonly NamedAddress[]): NamedAddress {
  const own = cluster.find((member) => member.name === values.name);
  if (own !== undefined) return own;
  const names = cluster.map((member) => member.name).join(', ');
  throw new ConfigError(
    `--initial-cluster must contain this member: its --name is "${values.name}", ` +
      `the members are ${names}`,
  );
}

function advertisedClientUrls(values: SettingValues): readonly string[] {
  const told = values['advertise-client-urls'];
  if (told !== undefined) return told.map(({ url }) => url);
  const wildcard = values['listen-client-urls'].find(isWildcard);
  if (wildcard === undefined) return values['listen-client-urls'].map(({ url }) => url);
  throw new ConfigError(
    `--advertise-client-urls is needed beside --listen-client-urls ${wildcard.url}, ` +
      'an address that clients cannot connect to',
  );
}

/** Made from the name, not the address: a member stays the same when it moves to another host. */
function memberIdOf(token: string, name: string): MemberId {
  return memberId(digest([token, name]));
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
