import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, ApiServer, readWhole, until } from '../../support/api-server.js';

/**
 * Locks and elections differ in how they are acquired; who waits for a change sees no difference.
 */
const spaces = [
  {
    what: 'a lock',
    path: '/mod/v2/lock/a/b',
    take: (server: ApiServer, who: string) =>
      server.ask('POST', `/mod/v2/lock/a/b?ttl=60&value=${who}`),
    giveUp: (server: ApiServer, who: string) =>
      server.ask('DELETE', `/mod/v2/lock/a/b?value=${who}`),
  },
  {
    what: 'an election',
    path: '/mod/v2/leader/a/b',
    take: (server: ApiServer, who: string) =>
      server.ask('PUT', `/mod/v2/leader/a/b?ttl=60&name=${who}`),
    giveUp: (server: ApiServer, who: string) =>
      server.ask('DELETE', `/mod/v2/leader/a/b?name=${who}`),
  },
] as const;

const after = ({ headers }: Answer) => Number(headers['x-etcd-index']) + 1;

for (const { what, path, take, giveUp } of spaces) {
  describe(`waiting for a change of ${what}`, () => {
    test('ends with the next change, and a renewal is none', async () => {
      await using server = await ApiServer.start();
      await take(server, 'first');
      const waiting = server.open({ method: 'GET', path: `${path}?wait=true` });
      await until(() => server.coordinator.barriers === 1);
      await take(server, 'first');
      const renewed = server.coordinator.state.etcdIndex;
      await giveUp(server, 'first');
      const answer = await readWhole(await waiting.head);
      assert.deepEqual([answer.status, answer.body], [200, '']);
      assert(after(answer) > renewed + 1);
    });

    test('misses no change between two requests', async () => {
      await using server = await ApiServer.start();
      const before = await server.ask('GET', path);
      await take(server, 'first');
      const answer = await server.ask('GET', `${path}?wait=true&waitIndex=${after(before)}`);
      assert.equal(answer.body, 'first');
      const waiting = server.open({
        method: 'GET',
        path: `${path}?wait=true&waitIndex=${after(answer)}`,
      });
      await until(() => server.coordinator.barriers === 3);
      await server.ask('PUT', '/v2/keys/other', 'value=1');
      await giveUp(server, 'first');
      assert.equal((await readWhole(await waiting.head)).body, '');
    });

    test('is answered in JSON or by field as any read is', async () => {
      await using server = await ApiServer.start();
      const { body: index } = await take(server, 'first');
      const path1 = `${path}?wait=true&waitIndex=1`;
      assert.equal((await server.ask('GET', `${path1}&field=index`)).body, index);
      const headers = { Accept: 'application/json' };
      const answer = await server.askFor({ method: 'GET', path: path1, headers });
      assert.equal(JSON.parse(answer.body).holder.value, 'first');
    });

    test('ends with 503 when the member stops, and leaves no listener behind', async () => {
      await using server = await ApiServer.start();
      const waiting = server.open({ method: 'GET', path: `${path}?wait=true` });
      await until(() => server.coordinator.barriers === 1);
      await server.stopServing();
      assert.equal((await readWhole(await waiting.head)).status, 503);
    });
  });
}
