import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AcquireOutcome, acquire } from '../../src/lock/acquire.js';
import { RecentEvents } from '../../src/service/recent-events.js';
import { Service } from '../../src/service/service.js';
import { ApiServer, silentLogger } from '../support/api-server.js';
import { LocalCoordinator } from '../support/local-coordinator.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';

const requestTimeoutMs = 3000;

/** What an API other than HTTP would have: the coordinator, and the service that is made of it. */
function serviceOf(coordinator: LocalCoordinator): Service {
  return new Service({
    coordinator,
    wallNow: () => 0,
    members: [],
    maxWaitingRequests: 2,
    requestTimeoutMs,
    heapBytesMax: 1e9,
    version: '1.2.3',
    events: new RecentEvents(coordinator.clock),
    logger: silentLogger,
  });
}

function acquireDoor({ context }: Service, signal: AbortSignal): Promise<AcquireOutcome> {
  return acquire(context, {
    space: 'lock',
    name: 'door',
    value: '',
    ttlMs: 60_000,
    mode: 'exclusive',
    limit: 1,
    timeoutMs: Number.POSITIVE_INFINITY,
    holdsConnection: false,
    index: undefined,
    keepsPlace: false,
    receivedAt: context.coordinator.clock.now(),
    signal,
    stopping: new AbortController().signal,
  });
}

test('an API needs nothing but the coordinator and a service to grant locks', async () => {
  const coordinator = new LocalCoordinator(new ManualClock(0));
  const service = serviceOf(coordinator);
  const client = new AbortController();
  const outcome = await acquireDoor(service, client.signal);
  assert.equal(outcome.type, 'held');
  assert.equal(coordinator.state.locks.queueSize('lock', 'door').holding, 1);
  await service.close();
});

test('a service has closed when the queue entries of clients that are gone are removed', async () => {
  const coordinator = new LocalCoordinator(new ManualClock(0));
  const service = serviceOf(coordinator);
  await acquireDoor(service, new AbortController().signal);
  const client = new AbortController();
  const waiting = acquireDoor(service, client.signal);
  await settle();
  coordinator.hold();
  client.abort();
  assert.equal((await waiting).type, 'abandoned');
  let closed = false;
  const closing = service.close().then(() => {
    closed = true;
  });
  await settle();
  assert.equal(closed, false);
  assert.equal(coordinator.state.locks.queueSize('lock', 'door').waiting, 1);
  coordinator.resume();
  await closing;
  assert.equal(coordinator.state.locks.queueSize('lock', 'door').waiting, 0);
});

test('without a leader a service closes after the request timeout', async () => {
  const clock = new ManualClock(0);
  const coordinator = new LocalCoordinator(clock);
  const service = serviceOf(coordinator);
  coordinator.hasLeader = false;
  void service.context.pendingCancels.cancel({
    type: 'cancelAcquire',
    space: 'lock',
    name: 'door',
    index: 1,
    acquireSequence: 1,
    keepIfHolder: false,
    keepForTtl: false,
  });
  let closed = false;
  const closing = service.close().then(() => {
    closed = true;
  });
  clock.advance(requestTimeoutMs - 1);
  await settle();
  assert.equal(closed, false);
  clock.advance(1);
  await closing;
});

test('a limit bounds all APIs of a member together', async () => {
  await using server = await ApiServer.start({ maxWaitingRequests: 1 });
  const leave = server.service.context.waitLimit.enter();
  assert.equal((await server.ask('GET', '/v2/keys/a?wait=true')).status, 503);
  leave();
  const watch = server.open({ method: 'GET', path: '/v2/keys/a?wait=true' });
  assert.equal((await watch.head).statusCode, 200);
  assert.throws(() => server.service.context.waitLimit.enter(), /lets 1 requests wait/);
  watch.leave();
});
