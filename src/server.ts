import { once } from 'node:events';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import type { HttpAddress } from './config/http-address.js';
import type { ServerConfig } from './config/server-config.js';
import { type ConnectionBudget, connectionBudget } from './descriptors/connection-budget.js';
import { ConnectionLimit } from './descriptors/connection-limit.js';
import { descriptorLimit, openDescriptors } from './descriptors/descriptor-limit.js';
import { releaseFormats } from './encoding/format-range.js';
import { type Api, createApi } from './http/api.js';
import { readAssets } from './http/dashboard/assets.js';
import { createHttpServer, defaultLimits as httpLimits } from './http/server/http-server.js';
import type { Logger } from './logger.js';
import { Member } from './member/member.js';
import { defaultLimits, type MemberOptions } from './member/options.js';
import { systemClock } from './member/system-clock.js';
import { RecentEvents } from './service/recent-events.js';
import { Service } from './service/service.js';
import { DiskUsage } from './storage/disk-usage.js';
import { LevelStorage } from './storage/level-storage.js';
import type { Storage } from './storage/storage.js';
import { historyLimitFor } from './store/options.js';
import { GrpcTransport } from './transport/grpc-transport.js';
import { version } from './version.js';
import type { MemberEventContent } from './view/member-event.js';

/** A member and its client API, running. */
export interface RunningServer {
  /** Hands over leadership, lets requests end, and closes everything. Idempotent. */
  close(): Promise<void>;
  /** Resolves with the reason when the server cannot go on. It has stopped answering by then. */
  readonly failed: Promise<Error>;
}

/**
 * Builds one member from its configuration and starts it.
 * @throws {StorageError} when the data directory is refused.
 * @throws {TransportError} when the peer address can't be bound.
 * @throws {Error} with code EADDRINUSE and the like when a client address can't be bound.
 */
export async function runServer(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  const { name, dataDir, clusterId, memberId, initialCluster } = config;
  logger.info(
    { version, name, memberId, clusterId, node: process.version, pid: process.pid },
    'Conclave starts',
  );
  const startedAt = systemClock.now();
  const names = { own: name, all: initialCluster.map((member) => member.name).sort() };
  const storage = await LevelStorage.open({ dataDir, clusterId, memberId, names });
  logger.info(
    {
      dataDir: resolve(dataDir),
      isNew: storage.start.boot === 1,
      incarnation: storage.start.identity.incarnation,
      tookMs: Math.round(systemClock.now() - startedAt),
    },
    'opened its data directory',
  );
  const listening: Server[] = [];
  try {
    return await serve(config, logger, storage, listening);
  } catch (error) {
    for (const server of listening) server.close();
    await storage.close();
    throw error;
  }
}

async function serve(
  config: ServerConfig,
  logger: Logger,
  storage: Storage,
  listening: Server[],
): Promise<RunningServer> {
  let onFatal: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    onFatal = resolve;
  });
  const budget = budgetOf(config, logger);
  const events = new RecentEvents(systemClock);
  const onEvent = (event: MemberEventContent) => events.record(event);
  const member = await openMember(config, logger, storage, budget, { onFatal, onEvent });
  const service = createService(config, logger, member, events);
  const api = createApi({
    context: service.context,
    cors: config.corsOrigins,
    hosts: config.hosts,
    maxRequestBytes: config.maxRequestBytes,
    defaultRead: config.defaultRead,
    dashboard: readAssets(dashboardFolder),
    logger,
  });
  try {
    await member.start();
    const connections = new ConnectionLimit(budget.fromClients, 'clients', logger);
    tellPeers(config, logger);
    for (const address of config.listenClientUrls) {
      const server = createHttpServer(api.handler, httpLimits);
      connections.bound(server);
      listening.push(server);
      await listen(server, address);
    }
    tellClients(config, logger);
  } catch (error) {
    await member.close();
    throw error;
  }
  service.start();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll({ member, service, api, listening });
    return closing;
  };
  return { close, failed };
}

/** @throws {Error} when the limit of open files leaves too little for connections. */
function budgetOf(config: ServerConfig, logger: Logger): ConnectionBudget {
  const limit = descriptorLimit();
  const budget = connectionBudget(limit, openDescriptors(), config.initialCluster.length - 1);
  if (!budget.ok) throw new Error(budget.error);
  const wanted = config.maxWaitingRequests + busyConnectionsMax;
  const { fromClients } = budget.value;
  if (fromClients < wanted) {
    logger.warn(
      { openFilesMax: limit, connectionsMax: fromClients, wanted },
      'the limit of open files allows fewer connections of clients than configured',
    );
  }
  return { ...budget.value, fromClients: Math.min(fromClients, wanted) };
}

async function openMember(
  config: ServerConfig,
  logger: Logger,
  storage: Storage,
  { toPeerAddress }: ConnectionBudget,
  told: Pick<MemberOptions, 'onFatal' | 'onEvent'>,
): Promise<Member> {
  const { clusterId, memberId, initialCluster } = config;
  const { incarnation } = storage.start.identity;
  const peers = initialCluster.filter((member) => member.memberId !== memberId);
  const disk = new DiskUsage(config.dataDir, diskUsageMaxAgeMs, systemClock.now, (error) =>
    logger.warn({ err: error }, 'cannot measure the size of the data directory'),
  );
  const transport = new GrpcTransport({
    listen: config.listenPeerUrl,
    hello: { formats: releaseFormats, clusterId, memberId, incarnation },
    peers: new Map(peers.map((peer) => [peer.memberId, peer.peerUrl])),
    incomingConnectionsMax: toPeerAddress,
    logger,
  });
  return await Member.open({
    name: config.name,
    initialMembers: initialCluster.map((each) => each.memberId),
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
  events: RecentEvents,
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
    maxWaitingRequests: config.maxWaitingRequests,
    requestTimeoutMs: config.requestTimeoutMs,
    heapBytesMax: heapBytesMax(),
    version,
    events,
    logger,
  });
}

/** What V8 lets the heap grow to. */
function heapBytesMax(): number {
  return getHeapStatistics().heap_size_limit;
}

/** The size of the data directory is measured at most this often. */
const diskUsageMaxAgeMs = 5000;

function tellPeers(config: ServerConfig, logger: Logger): void {
  const { listenPeerUrl, initialAdvertisePeerUrl, initialCluster } = config;
  logger.info(
    {
      url: listenPeerUrl.url,
      advertised: initialAdvertisePeerUrl,
      members: initialCluster.map(({ name, peerUrl }) => `${name}=${peerUrl.url}`),
    },
    'listening for peers',
  );
}

function tellClients(
  { listenClientUrls, advertiseClientUrls }: ServerConfig,
  logger: Logger,
): void {
  const urls = listenClientUrls.map(({ url }) => url).join(' and ');
  logger.info({ advertised: advertiseClientUrls }, `serving on ${urls}`);
}

async function listen(server: Server, { host, port }: HttpAddress): Promise<void> {
  server.listen({ host, port });
  await once(server, 'listening');
}

interface ServerParts {
  readonly member: Member;
  readonly service: Service;
  readonly api: Api;
  readonly listening: readonly Server[];
}

/** Refuses new connections first, then hands over leadership, then ends waiting requests. */
async function closeAll({ member, service, api, listening }: ServerParts): Promise<void> {
  const closed = listening.map(
    (server) => new Promise<void>((resolve) => server.close(() => resolve())),
  );
  await member.handOver();
  await api.close();
  await service.close();
  for (const server of listening) server.closeIdleConnections();
  await Promise.race([
    Promise.all(closed),
    new Promise((resolve) => setTimeout(resolve, closeGraceMs).unref()),
  ]);
  for (const server of listening) server.closeAllConnections();
  await member.close();
}

/** The built page, relative to src/ and to dist/ alike. */
const dashboardFolder = fileURLToPath(new URL('../dist/dashboard/', import.meta.url));

/**
 * Connections in addition to those of waiting requests, so that other requests are still served.
 */
const busyConnectionsMax = 10_000;

/** The time for requests under way to end when the server closes. */
const closeGraceMs = 2000;
