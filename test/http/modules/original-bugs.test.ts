import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { term } from '../../../src/ids.js';
import { ApiServer, type Pending, until } from '../../support/api-server.js';
import { settle } from '../../support/settle.js';

const lock = '/mod/v2/lock/customer1';

/** A client that waits in the queue, and what it has been told so far. */
interface Waiter {
  readonly pending: Pending;
  readonly status: () => number | undefined;
}

function queueLength(server: ApiServer): number {
  return server.coordinator.stateMachine.locks.queue('lock', 'customer1').length;
}

async function waitIn(server: ApiServer, query: string): Promise<Waiter> {
  const before = queueLength(server);
  const pending = server.open({ method: 'POST', path: `${lock}?${query}` });
  await until(() => queueLength(server) === before + 1);
  let status: number | undefined;
  pending.head.then(
    (message) => {
      status = message.statusCode;
      message.resume();
    },
    () => {},
  );
  return { pending, status: () => status };
}

async function hold(server: ApiServer, query: string): Promise<string> {
  const { status, body } = await server.ask('POST', `${lock}?${query}&timeout=0`);
  assert.equal(status, 200);
  return body;
}

/** A whole exchange after which an answer that was on its way has come. */
async function nothingMore(server: ApiServer): Promise<void> {
  await server.ask('GET', lock);
  await settle();
}

/**
 * The lock module of etcd 0.4 was withdrawn because "the lock module has some unfixed bugs, which
 * may mislead users". These are the bugs, each as a client would have met it.
 */
describe('what went wrong in etcd 0.4', () => {
  test('renewing the holder grants nothing', async () => {
    await using server = await ApiServer.start();
    const index = await hold(server, 'ttl=60&value=holder');
    const waiter = await waitIn(server, 'ttl=60&value=waiter');
    for (let count = 0; count < 20; count += 1) {
      assert.equal((await server.ask('PUT', `${lock}?ttl=60&index=${index}`)).status, 200);
      assert.equal((await server.ask('PUT', `${lock}?ttl=60&value=holder`)).status, 200);
      assert.equal((await server.ask('POST', `${lock}?ttl=60&value=holder`)).body, index);
    }
    assert.equal(waiter.status(), undefined);
    assert.equal((await server.ask('GET', lock)).body, 'holder');
  });

  const endings = {
    'gives up': async (_server: ApiServer, { pending }: Waiter) => pending.leave(),
    'times out': async (server: ApiServer) => server.clock.advance(5_000),
    'is deleted': async (server: ApiServer) => {
      assert.equal((await server.ask('DELETE', `${lock}?value=ahead`)).status, 200);
    },
  };
  for (const [how, depart] of Object.entries(endings)) {
    test(`a waiter that ${how} grants nothing to those behind`, async () => {
      await using server = await ApiServer.start();
      await hold(server, 'ttl=60&value=holder');
      const ahead = await waitIn(server, 'ttl=60&value=ahead&timeout=5');
      const behind = await waitIn(server, 'ttl=60&value=behind');
      await depart(server, ahead);
      await until(() => queueLength(server) === 2);
      await nothingMore(server);
      assert.equal(behind.status(), undefined);
      assert.notEqual(ahead.status(), 200);
      assert.equal((await server.ask('GET', lock)).body, 'holder');
    });
  }

  test('a queue entry that expired while waiting never answers 200', async () => {
    await using server = await ApiServer.start();
    await hold(server, 'ttl=60&value=holder');
    const waiter = await waitIn(server, 'ttl=1&value=waiter');
    server.clock.advance(1_001);
    const { clock, coordinator } = server;
    for (const command of coordinator.stateMachine.time.expired(clock.now(), term(2), 10)) {
      coordinator.applyAs(undefined, command);
    }
    assert.equal(queueLength(server), 1, 'nobody has kept the queue entry alive');
    await until(() => waiter.status() !== undefined);
    assert.equal(waiter.status(), 404);
    assert.equal((await server.ask('GET', lock)).body, 'holder');
  });

  test('two waiters are never granted one lock together', async () => {
    await using server = await ApiServer.start();
    await hold(server, 'ttl=60&value=w0');
    const waiters: Waiter[] = [];
    for (const value of ['w1', 'w2', 'w3']) {
      waiters.push(await waitIn(server, `ttl=60&value=${value}`));
    }
    for (const [position, waiter] of waiters.entries()) {
      if (position === 1) {
        server.clock.advance(60_001);
        server.coordinator.expire();
      } else await server.ask('DELETE', `${lock}?value=w${position}`);
      await until(() => waiter.status() !== undefined);
      await nothingMore(server);
      assert.deepEqual(
        waiters.map(({ status }) => status()),
        waiters.map((_, other) => (other <= position ? 200 : undefined)),
      );
    }
  });

  test('DELETE with a form body releases what the body names', async () => {
    await using server = await ApiServer.start();
    await hold(server, 'ttl=60&value=bar');
    assert.equal((await server.ask('DELETE', lock, 'value=foo')).status, 404);
    assert.equal((await server.ask('DELETE', lock, 'value=bar')).status, 200);
    const index = await hold(server, 'ttl=60');
    assert.equal((await server.ask('DELETE', lock, `index=${index}`)).status, 200);
    assert.equal(queueLength(server), 0);
  });

  test('an empty value does not make the lock look free', async () => {
    await using server = await ApiServer.start();
    const index = await hold(server, 'ttl=60');
    assert.equal((await server.ask('GET', `${lock}?field=index`)).body, index);
    for (const query of [
      'ttl=60&timeout=0',
      'ttl=60&timeout=0&value=',
      'ttl=60&timeout=0&value=a',
    ]) {
      assert.equal((await server.ask('POST', `${lock}?${query}`)).status, 409, query);
    }
    const waiter = await waitIn(server, 'ttl=60&value=');
    await nothingMore(server);
    assert.equal(waiter.status(), undefined, 'two empty values are two queue entries');
    await server.ask('DELETE', `${lock}?index=${index}`);
    await until(() => waiter.status() === 200);
  });

  test('a lock and an election of one name are independent', async () => {
    await using server = await ApiServer.start();
    const election = '/mod/v2/leader/customer1';
    await hold(server, 'ttl=60&value=locker');
    const elected = await server.ask('PUT', `${election}?ttl=60&name=leader&timeout=0`);
    assert.equal(elected.status, 200);
    assert.equal((await server.ask('GET', lock)).body, 'locker');
    assert.equal((await server.ask('GET', election)).body, 'leader');
    assert.equal((await server.ask('DELETE', `${lock}?value=leader`)).status, 404);
    assert.equal((await server.ask('DELETE', `${lock}?value=locker`)).status, 200);
    assert.equal((await server.ask('GET', election)).body, 'leader');
    const keys = await server.ask('GET', '/v2/keys/_etcd/mod/leader/customer1');
    assert.equal(JSON.parse(keys.body).node.nodes.length, 1);
  });
});
