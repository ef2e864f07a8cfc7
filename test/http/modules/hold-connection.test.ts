import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import type { LockSpace } from '../../../src/command/lock-path.js';
import { ApiServer, readLine, readWhole, until } from '../../support/api-server.js';
import { settle } from '../../support/settle.js';

const requests = [
  {
    space: 'lock',
    method: 'POST',
    path: '/mod/v2/lock/door?ttl=30&value=first&hold=connection',
    view: '/mod/v2/lock/door',
  },
  {
    space: 'leader',
    method: 'PUT',
    path: '/mod/v2/leader/door?ttl=30&name=first&hold=connection',
    view: '/mod/v2/leader/door',
  },
] as const;

function queueLength(server: ApiServer, space: LockSpace): number {
  return server.coordinator.stateMachine.locks.queue(space, 'door').length;
}

async function ended(message: IncomingMessage): Promise<void> {
  message.resume();
  await once(message, 'end');
}

for (const { space, method, path, view } of requests) {
  describe(`${method} of a ${space} with hold=connection`, () => {
    test('sends the index at once, and holds for as long as the answer is open', async () => {
      await using server = await ApiServer.start();
      const holder = server.open({ method, path });
      const answer = await holder.head;
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
      assert.match(String(answer.headers['x-etcd-index']), /^\d+$/);
      const index = await readLine(answer);
      assert.equal(`${(await server.ask('GET', `${view}?field=index`)).body}\n`, index);
      for (let step = 0; step < 30; step += 1) {
        server.clock.advance(10_000);
        await new Promise((resolve) => setImmediate(resolve));
        server.coordinator.expire();
      }
      assert.equal(answer.readableEnded, false);
      assert.equal(queueLength(server, space), 1);
      holder.leave();
      await until(() => queueLength(server, space) === 0);
    });

    test('ends its answer when the lock is released by somebody else', async () => {
      await using server = await ApiServer.start();
      const answer = await server.open({ method, path }).head;
      await readLine(answer);
      await server.ask('DELETE', view, space === 'lock' ? 'value=first' : 'name=first');
      await ended(answer);
    });

    test('ends its answer, and releases, when the member stops', async () => {
      await using server = await ApiServer.start();
      const answer = await server.open({ method, path }).head;
      await readLine(answer);
      await server.stopServing();
      assert.equal(queueLength(server, space), 0);
      await ended(answer);
    });

    test('ends its answer before the TTL is over when there is no leader', async () => {
      await using server = await ApiServer.start();
      const answer = await server.open({ method, path }).head;
      await readLine(answer);
      server.coordinator.hasLeader = false;
      server.clock.advance(29_999);
      await ended(answer);
    });

    test('that waits leaves the queue with its client', async () => {
      await using server = await ApiServer.start();
      const holder = server.open({ method, path });
      await readLine(await holder.head);
      const waiter = server.open({ method, path: path.replace('first', 'second') });
      await until(() => queueLength(server, space) === 2);
      waiter.leave();
      await until(() => queueLength(server, space) === 1);
    });

    test('that waits is answered when its turn comes', async () => {
      await using server = await ApiServer.start();
      const holder = server.open({ method, path });
      const first = await readLine(await holder.head);
      const waiter = server.open({ method, path: path.replace('first', 'second') });
      await until(() => queueLength(server, space) === 2);
      holder.leave();
      assert(Number(await readLine(await waiter.head)) > Number(first));
    });
  });
}

test('hold takes no other word', async () => {
  await using server = await ApiServer.start();
  const answer = await server.ask('POST', '/mod/v2/lock/door?ttl=30&hold=forever');
  assert.deepEqual([answer.status, JSON.parse(answer.body).errorCode], [400, 209]);
});

test('hold and timeout go together: what is not granted is answered as always', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', '/mod/v2/lock/door?ttl=30');
  const path = '/mod/v2/lock/door?ttl=30&hold=connection&timeout=0';
  const answer = await readWhole(await server.open({ method: 'POST', path }).head);
  assert.deepEqual([answer.status, JSON.parse(answer.body).errorCode], [409, 111]);
});

test('a held lock belongs to the connection that joins it', async () => {
  await using server = await ApiServer.start();
  const path = '/mod/v2/lock/door?ttl=30&value=first';
  const { body: index } = await server.ask('POST', path);
  const joining = server.open({ method: 'POST', path: `${path}&hold=connection` });
  assert.equal(await readLine(await joining.head), `${index}\n`);
  joining.leave();
  await until(() => queueLength(server, 'lock') === 0);
});

test('a holder stays when another connection closes that asked for it', async () => {
  await using server = await ApiServer.start();
  const path = '/mod/v2/lock/door?ttl=30&value=first';
  const holding = server.open({ method: 'POST', path: `${path}&hold=connection` });
  const line = await readLine(await holding.head);
  const gone = new Promise((resolve) => server.onConnectionClosed(() => resolve(undefined)));
  const { body: index } = await server.ask('POST', path);
  assert.equal(line, `${index}\n`);
  holding.leave();
  await gone;
  await settle();
  assert.equal(server.coordinator.state.locks.holder('lock', 'door')?.index, Number(index));
});
