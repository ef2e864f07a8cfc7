import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../logger.js';
import { foundingConfiguration, unknownConfiguration } from '../member/membership.js';
import type { Configuration } from '../raft/entry.js';
import { storedIdentity } from '../storage/data-directory.js';
import { type Owner, requireOwner } from '../storage/identity.js';
import type { Identity, StartState } from '../storage/storage.js';
import { askForMembers, type ExistingCluster, type JoinSecurity } from './existing-cluster.js';
import type { KnownPeer } from './peer-addresses.js';

/** Whom a data directory belongs to, or will. */
export interface Bootstrap {
  readonly owner: Owner;
  /** The cluster that was asked, if the member has just joined it. */
  readonly joined: ExistingCluster | undefined;
}

/** What the member goes by until its log tells. */
export interface InitialMembers {
  readonly configuration: Configuration;
  /** Those that the configuration may not know yet. */
  readonly peers: readonly KnownPeer[];
}

/**
 * Finds out which member of which cluster this is: by its data directory, if it has one, else by
 * the cluster that it joins, or by the configuration of one that begins.
 * @throws {Error} when it cannot join, or the directory is another member's.
 */
export async function bootstrap(config: ServerConfig, joining: JoinSecurity): Promise<Bootstrap> {
  const stored = await storedIdentity(config.dataDir);
  if (stored !== undefined) return { owner: ownerOf(config, stored), joined: undefined };
  if (config.initialClusterState === 'new') return { owner: founder(config), joined: undefined };
  return await join(config, joining);
}

/**
 * To be called with what the directory holds: its log knows the members, once it has any.
 * @throws {Error} as {@link bootstrap}.
 */
export async function initialMembers(
  config: ServerConfig,
  { owner, joined }: Bootstrap,
  start: StartState,
  { joining, logger }: { readonly joining: JoinSecurity; readonly logger: Logger },
): Promise<InitialMembers> {
  if (joined !== undefined) return asJoined(joined);
  const isFounder = sameMember(owner, founder(config));
  if (knowsMembers(start)) {
    const ignored = { name: config.name, clusterId: owner.clusterId };
    logger.info(ignored, 'goes by its data directory: --initial-cluster and the like are ignored');
    if (!isFounder) return { configuration: unknownConfiguration, peers: [] };
  }
  if (isFounder) return asFounded(config);
  // It has joined, and stopped before it was sent anything.
  if (config.initialClusterState === 'existing') return asJoined(await askedBy(config, joining));
  const { incarnation } = start.identity;
  requireOwner({ ...owner, incarnation }, founder(config), config.dataDir);
  return asFounded(config);
}

/** The name tells members of one cluster apart; all else is as the directory says. */
function ownerOf(config: ServerConfig, stored: Identity): Owner {
  const { clusterId, memberId, names } = stored;
  if (names !== undefined && names.own !== config.name) {
    requireOwner(stored, founder(config), config.dataDir);
  }
  return { clusterId, memberId, names };
}

function founder({ name, clusterId, memberId, initialCluster }: ServerConfig): Owner {
  const names = { own: name, all: initialCluster.map((member) => member.name).sort() };
  return { clusterId, memberId, names };
}

function sameMember(one: Owner, other: Owner): boolean {
  return one.clusterId === other.clusterId && one.memberId === other.memberId;
}

function knowsMembers({ snapshot, entries }: StartState): boolean {
  return (
    snapshot?.configuration.addresses !== undefined ||
    entries.some(({ type }) => type === 'configuration')
  );
}

/** Those of a cluster that begins. */
export function foundingMembers(config: ServerConfig): Configuration {
  return foundingConfiguration(founders(config));
}

function founders({ initialCluster }: ServerConfig): readonly KnownPeer[] {
  return initialCluster.map(({ memberId, name, peerUrl }) => {
    return { memberId, name, peerUrls: [peerUrl.url] };
  });
}

function asFounded(config: ServerConfig): InitialMembers {
  return { configuration: foundingMembers(config), peers: founders(config) };
}

function asJoined({ members }: ExistingCluster): InitialMembers {
  return { configuration: unknownConfiguration, peers: members };
}

async function join(config: ServerConfig, joining: JoinSecurity): Promise<Bootstrap> {
  const cluster = await askedBy(config, joining);
  const { name, initialAdvertisePeerUrl: url } = config;
  const self =
    cluster.members.find(({ peerUrls }) => peerUrls.includes(url)) ??
    cluster.members.find((member) => member.name === name);
  if (self === undefined) {
    throw new Error(
      `the cluster has no member ${name} at ${url}: add it first, with: conclave member add ${name} ${url}`,
    );
  }
  if (!self.peerUrls.includes(url)) {
    throw new Error(
      `the cluster expects ${name} at ${self.peerUrls.join(' or ')}, and --initial-advertise-peer-urls says ${url}`,
    );
  }
  const all = cluster.members.map((member) => member.name).sort();
  const owner = {
    clusterId: cluster.clusterId,
    memberId: self.memberId,
    names: { own: name, all },
  };
  return { owner, joined: cluster };
}

async function askedBy(config: ServerConfig, joining: JoinSecurity): Promise<ExistingCluster> {
  const { joinUrls, initialCluster, name } = config;
  const peers = initialCluster.filter((member) => member.name !== name);
  if (joinUrls.length === 0 && peers.length === 0) {
    throw new Error(
      '--initial-cluster-state existing needs somebody to ask: name members of the cluster by --join, or by --initial-cluster',
    );
  }
  const asked = await askForMembers(
    joinUrls.map(({ url }) => url),
    peers.map(({ peerUrl }) => peerUrl),
    joining,
  );
  if (asked.ok) return asked.value;
  throw new Error(`cannot join: nobody tells who belongs to the cluster: ${asked.error}`);
}
