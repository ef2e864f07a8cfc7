import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

/** Whether a read of each kind is linearizable, as the status without a leader tells. */
async function statuses(server: ApiServer): Promise<readonly number[]> {
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  server.coordinator.hasLeader = false;
  const kinds = ['/v2/keys/a', '/v2/keys/a?quorum=true', '/v2/keys/a?quorum=false'];
  const answers = await Promise.all(kinds.map((path) => server.ask('GET', path)));
  return answers.map(({ status }) => status);
}

describe('a read of a key that does not say "quorum"', () => {
  test('is linearizable by default', async () => {
    await using server = await ApiServer.start();
    assert.deepEqual(await statuses(server), [503, 503, 200]);
  });

  test('is local where that is set, and only such a read', async () => {
    await using server = await ApiServer.start({ defaultRead: 'local' });
    assert.deepEqual(await statuses(server), [200, 503, 200]);
  });

  test('waits for the next change, whatever is set', async () => {
    await using server = await ApiServer.start({ defaultRead: 'local' });
    const waiting = server.open({ method: 'GET', path: '/v2/keys/a?wait=true' }).head;
    assert.equal((await waiting).statusCode, 200);
    assert.equal(server.coordinator.state.keys.statistics().watchers, 1);
  });
});
