import { once } from 'node:events';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap, type InitialMembers, initialMembers } from './bootstrap/bootstrap.js';
import { openCredentials } from './bootstrap/open-credentials.js';
import { openStorage } from './bootstrap/open-storage.js';
import { peerAddresses } from './bootstrap/peer-addresses.js';
import type { HttpAddress } from './config/http-address.js';
import type { ServerConfig } from './config/server-config.js';
import {
  type ConnectionBudget,
  clientConnections,
  connectionBudget,
  waitingRequestsDefault,
} from './descriptors/connection-budget.js';
import { ConnectionLimit } from './descriptors/connection-limit.js';
import { descriptorLimit, openDescriptors } from './descriptors/descriptor-limit.js';
import { releaseFormats } from './encoding/format-range.js';
import { heapBytesMax, tellSmallHeap } from './heap.js';
import { type Api, createApi } from './http/api.js';
import { readAssets } from './http/dashboard/assets.js';
import { drain } from './http/server/draining.js';
import { createHttpServer, defaultLimits as httpLimits } from './http/server/http-server.js';
import type { Logger } from './logger.js';
import { Member } from './member/member.js';
import { configuredMembers } from './member/membership.js';
import { defaultLimits, type MemberOptions } from './member/options.js';
import { systemClock } from './member/system-clock.js';
import { Metrics } from './metrics/metrics.js';
import { AuditFile } from './service/audit-file.js';
import { RecentEvents } from './service/recent-events.js';
import { Service } from './service/service.js';
import { DiskUsage, freeBytes } from './storage/disk-usage.js';
import { closeToOthers } from './storage/private-directory.js';
import type { Storage } from './storage/storage.js';
import { historyLimitFor } from './store/options.js';
import type { LiveCredentials } from './tls/live-credentials.js';
import { PeerSecurity } from './tls/peer-security.js';
import { type Fetch, secureFetch } from './tls/secure-fetch.js';
import { GrpcTransport } from './transport/grpc-transport.js';
import { version } from './version.js';
import type { MemberEventContent } from './view/member-event.js';

/** A member and its client API, running. */
export interface RunningServer {
  /** Hands over leadership, lets requests end, and closes everything. Idempotent. */
  close(): Promise<void>;
  /** For what an operator has replaced: reads the certificates again, and opens the audit log. */
  reload(): void;
  /** Resolves with the reason when the server cannot go on. It has stopped answering by then. */
  readonly failed: Promise<Error>;
  /** Resolves when this member is none any more. */
  readonly removed: Promise<void>;
}

/** What a server is made of. */
interface Ingredients {
  readonly config: ServerConfig;
  readonly logger: Logger;
  readonly storage: Storage;
  readonly members: InitialMembers;
  /** For the URLs with https; undefined when there are none. */
  readonly credentials: LiveCredentials | undefined;
  readonly peerCredentials: LiveCredentials | undefined;
  /** Undefined where the members do not speak TLS. */
  readonly security: PeerSecurity | undefined;
}

/**
 * Builds one member from its configuration and starts it.
 * @throws {StorageError} when the data directory is refused.
 * @throws {TransportError} when the peer address can't be bound.
 * @throws {Error} with code EADDRINUSE and the like when a client address can't be bound.
 */
export async function runServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  const { name, dataDir } = config;
  const credentials = await openCredentials(config.clientTls, dataDir, logger);
  const peerCredentials = await openCredentials(config.peerTls, dataDir, logger);
  const security = peerSecurity(config, peerCredentials);
  const joining = { fetch: fetchWith(credentials, peerCredentials), peers: security };
  const booted = await bootstrap(config, joining);
  const { memberId } = booted.owner;
  logger.info(
    { version, name, memberId, node: process.version, pid: process.pid },
    'Conclave starts',
  );
  const startedAt = systemClock.now();
  const storage = await openStorage(config, booted.owner, logger);
  logger.info(
    {
      dataDir: resolve(dataDir),
      clusterId: storage.start.identity.clusterId,
      isNew: storage.start.boot === 1,
      incarnation: storage.start.identity.incarnation,
      tookMs: Math.round(systemClock.now() - startedAt),
    },
    'opened its data directory',
  );
  if (!(await closeToOthers(dataDir))) {
    logger.warn({ dataDir: resolve(dataDir) }, 'others may read the data directory');
  }
  const listening: Server[] = [];
  try {
    const members = await initialMembers(config, booted, storage.start, { joining, logger });
    const ingredients = { config, logger, storage, members, credentials, peerCredentials };
    return await serve({ ...ingredients, security }, listening);
  } catch (error) {
    for (const server of listening) server.close();
    await storage.close();
    throw error;
  }
}

async function serve(ingredients: Ingredients, listening: Server[]): Promise<RunningServer> {
  const { config, logger, credentials, peerCredentials } = ingredients;
  let onFatal: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    onFatal = resolve;
  });
  let isRemoved = false;
  let onRemoved = () => {};
  const removed = new Promise<void>((resolve) => {
    onRemoved = () => {
      isRemoved = true;
      resolve();
    };
  });
  const budget = budgetOf(config, logger);
  tellSmallHeap(logger);
  const events = new RecentEvents(systemClock);
  const onEvent = (event: MemberEventContent) => events.record(event);
  const member = await openMember(ingredients, budget, { onFatal, onEvent, onRemoved });
  const audit =
    config.auditLog === undefined ? undefined : await AuditFile.open(config.auditLog, logger);
  const service = createService(config, logger, member, { events, audit });
  const perAddress = config.maxConnectionsPerAddress || Number.POSITIVE_INFINITY;
  const connections = new ConnectionLimit(budget.fromClients, 'clients', logger, perAddress);
  const metrics = new Metrics({
    context: service.context,
    clientConnections: () => connections.describe(),
    certificates: () => ({
      clients: credentials?.expiresAt,
      peers: peerCredentials?.expiresAt,
    }),
    diskFreeBytes: () => freeBytes(config.dataDir),
  });
  metrics.measureProcess();
  const api = createApi({
    context: service.context,
    cors: config.corsOrigins,
    hosts: config.hosts,
    maxRequestBytes: config.maxRequestBytes,
    defaultRead: config.defaultRead,
    dashboard: readAssets(dashboardFolder),
    metrics,
    logger,
  });
  try {
    await member.start();
    tellPeers(config, logger, member);
    const monitors = new ConnectionLimit(monitoringConnectionsMax, 'monitoring', logger);
    const listen = async (
      address: HttpAddress,
      handler: Api['handler'],
      limit: ConnectionLimit,
    ) => {
      const secure = address.isSecure ? credentials : undefined;
      const server = createHttpServer(handler, httpLimits, secure);
      limit.bound(server);
      listening.push(server);
      const { host, port } = address;
      server.listen({ host, port });
      await once(server, 'listening');
    };
    for (const address of config.listenClientUrls) await listen(address, api.handler, connections);
    for (const address of config.listenMetricsUrls) await listen(address, api.monitoring, monitors);
    tellClients(config, logger);
  } catch (error) {
    await member.close();
    throw error;
  }
  service.start();
  const live = [credentials, peerCredentials].filter((each) => each !== undefined);
  for (const each of live) each.watch();
  const reload = () => {
    for (const each of live) void each.readAgain();
    void audit?.reopen();
  };
  let closing: Promise<void> | undefined;
  const close = () => {
    for (const each of live) each.close();
    closing ??= closeAll({ member, service, api, listening }, isRemoved).then(() => audit?.close());
    return closing;
  };
  return { close, reload, failed, removed };
}

/** @throws {Error} when the limit of open files leaves too little for connections. */
function budgetOf(config: ServerConfig, logger: Logger): ConnectionBudget {
  const limit = descriptorLimit();
  const peers = config.initialCluster.length - 1;
  const open = openDescriptors();
  const roomy = connectionBudget(limit, open, Math.max(peers, peersMax));
  const budget = roomy.ok ? roomy : connectionBudget(limit, open, peers);
  if (!budget.ok) throw new Error(budget.error);
  const { fromClients: available } = budget.value;
  const fromClients = clientConnections({ limit, available }, config.maxWaitingRequests, logger);
  return { ...budget.value, fromClients };
}

function peerSecurity(
  { peerTls }: ServerConfig,
  credentials: LiveCredentials | undefined,
): PeerSecurity | undefined {
  if (peerTls === undefined || credentials === undefined) return undefined;
  return new PeerSecurity(credentials, peerTls.names);
}

/**
 * For the client URLs of others: what this member shows and trusts as a server will do for them.
 */
function fetchWith(
  credentials: LiveCredentials | undefined,
  peerCredentials: LiveCredentials | undefined,
): Fetch {
  return secureFetch({ ...peerCredentials?.contextOptions, ...credentials?.contextOptions });
}

async function openMember(
  { config, logger, storage, members, security }: Ingredients,
  { toPeerAddress }: ConnectionBudget,
  told: Pick<MemberOptions, 'onFatal' | 'onEvent' | 'onRemoved'>,
): Promise<Member> {
  const { clusterId, memberId, incarnation } = storage.start.identity;
  const disk = new DiskUsage(config.dataDir, diskUsageMaxAgeMs, systemClock.now, (error) =>
    logger.warn({ err: error }, 'cannot measure the size of the data directory'),
  );
  const peerUrl = config.initialAdvertisePeerUrl;
  const transport = new GrpcTransport({
    listen: config.listenPeerUrl,
    hello: { formats: releaseFormats, clusterId, memberId, incarnation, peerUrl },
    peers: peerAddresses(memberId, members.peers, config),
    incomingConnectionsMax: toPeerAddress,
    security,
    logger,
  });
  return await Member.open({
    name: config.name,
    initialConfiguration: members.configuration,
    onMembers: (configuration) => {
      transport.follow(peerAddresses(memberId, configuredMembers(configuration), config));
    },
    peerUrls: [config.initialAdvertisePeerUrl],
    clientUrls: config.advertiseClientUrls,
    version,
    formats: releaseFormats,
    storage,
    transport,
    clock: systemClock,
    diskBytes: () => disk.bytes,
    defer: (turn) => {
      setImmediate(turn);
    },
    random: Math.random,
    logger,
    limits: {
      ...defaultLimits,
      tickMs: Math.max(1, Math.floor(config.heartbeatIntervalMs / 5)),
      heartbeatIntervalMs: config.heartbeatIntervalMs,
      electionTimeoutMs: config.electionTimeoutMs,
      snapshotCount: config.snapshotCount,
    },
    stateMachine: { historyUnitsMax: historyLimitFor(heapBytesMax()) },
    ...told,
  });
}

function createService(
  config: ServerConfig,
  logger: Logger,
  member: Member,
  { events, audit }: { readonly events: RecentEvents; readonly audit: AuditFile | undefined },
): Service {
  return new Service({
    coordinator: member,
    wallNow: Date.now,
    members: config.initialCluster.map(({ memberId, name, peerUrl }) => ({
      memberId,
      name,
      peerUrls: [peerUrl.url],
      clientUrls: memberId === config.memberId ? config.advertiseClientUrls : [],
    })),
    maxWaitingRequests: config.maxWaitingRequests ?? waitingRequestsDefault,
    requestTimeoutMs: config.requestTimeoutMs,
    heapBytesMax: heapBytesMax(),
    version,
    events,
    audit: audit && { sink: audit, isRequired: config.auditRequired === 'true' },
    logger,
  });
}

/** So many may be there later, where the limit of open files leaves room for them. */
const peersMax = 6;

/** The size of the data directory is measured at most this often. */
const diskUsageMaxAgeMs = 5000;

function tellPeers(config: ServerConfig, logger: Logger, member: Member): void {
  const { listenPeerUrl, initialAdvertisePeerUrl } = config;
  logger.info(
    {
      url: listenPeerUrl.url,
      advertised: initialAdvertisePeerUrl,
      members: member.members().map(({ name, peerUrls }) => `${name}=${peerUrls.join()}`),
    },
    'listening for peers',
  );
}

function tellClients(
  { listenClientUrls, advertiseClientUrls, listenMetricsUrls }: ServerConfig,
  logger: Logger,
): void {
  const urls = listenClientUrls.map(({ url }) => url).join(' and ');
  const metrics = listenMetricsUrls.map(({ url }) => url);
  logger.info(
    { advertised: advertiseClientUrls, ...(metrics.length > 0 ? { metrics } : {}) },
    `serving on ${urls}`,
  );
}

interface ServerParts {
  readonly member: Member;
  readonly service: Service;
  readonly api: Api;
  readonly listening: readonly Server[];
}

/**
 * Refuses new connections first, then hands over leadership, lets clients go elsewhere, and ends
 * waiting requests.
 */
async function closeAll(
  { member, service, api, listening }: ServerParts,
  isRemoved: boolean,
): Promise<void> {
  member.stopping();
  const drained = Promise.all(listening.map(drain));
  await member.handOver();
  await Promise.race([drained, timePasses(drainMs)]);
  await api.close();
  // The others serve a removed member for a moment only, and clean up behind it themselves.
  const cleanedUp = service.close();
  await (isRemoved ? Promise.race([cleanedUp, timePasses(closeGraceMs)]) : cleanedUp);
  for (const server of listening) server.close();
  await Promise.race([drained, timePasses(closeGraceMs)]);
  for (const server of listening) server.closeAllConnections();
  await member.close();
}

function timePasses(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** The built page, relative to src/ and to dist/ alike. */
const dashboardFolder = fileURLToPath(new URL('../dist/dashboard/', import.meta.url));

/** To the addresses of the metrics, so that a member can be watched whatever its clients do. */
const monitoringConnectionsMax = 16;

/** The time for clients that keep connections to send one more request, and to learn of the end. */
const drainMs = 500;

/** The time for requests under way to end when the server closes. */
const closeGraceMs = 2000;
