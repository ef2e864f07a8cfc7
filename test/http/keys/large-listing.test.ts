import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, ApiServer, readWhole, until } from '../../support/api-server.js';
import { fill } from '../../support/fill.js';

const keys = 20_000;
/** More than the two sockets of a connection hold: such a listing lasts until its client reads. */
const unreadKeys = 60_000;

/** Changes by others before the answer is whole. */
async function servedMeanwhile(server: ApiServer, answer: Promise<Answer>): Promise<number> {
  let isWhole = false;
  const seen = () => {
    isWhole = true;
  };
  answer.then(seen, seen);
  let served = 0;
  while (!isWhole) {
    assert.equal((await server.ask('POST', '/v2/keys/big', 'value=later')).status, 201);
    served += 1;
  }
  return served;
}

for (const query of [
  '',
  '?sorted=true',
  '?recursive=true',
  '?recursive=true&sorted=true',
  '?hidden=true',
]) {
  test(`others are served while a large directory is listed${query}, as it was`, async () => {
    await using server = await ApiServer.start();
    fill(server.coordinator, '/big', keys);
    await server.ask('PUT', '/v2/keys/big/sub/a?value=1');
    await server.ask('PUT', '/v2/keys/big/_hidden?value=1');
    const expected = server.coordinator.state.keys.get('/big', {
      recursive: query.includes('recursive'),
      sorted: query.includes('sorted'),
      hidden: query.includes('hidden'),
    });
    assert.ok(expected.ok);
    const answer = server.askFor({ method: 'GET', path: `/v2/keys/big${query}` });
    const served = await servedMeanwhile(server, answer);
    assert.ok(served > 3, `${served} writes were answered meanwhile`);
    const { status, headers, body } = await answer;
    assert.equal(status, 200);
    assert.equal(headers['x-etcd-index'], String(keys + 2));
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(expected.value)));
  });
}

test('a HEAD of a large directory lists nothing', async () => {
  await using server = await ApiServer.start();
  fill(server.coordinator, '/big', keys);
  const { status, headers, body } = await server.ask('HEAD', '/v2/keys/big');
  assert.deepEqual([status, headers['x-etcd-index'], body], [200, String(keys), '']);
});

test('a client that disconnects ends its listing, and the number of listings at a time is bounded', async () => {
  await using server = await ApiServer.start();
  fill(server.coordinator, '/big', unreadKeys);
  const open = () => server.open({ method: 'GET', path: '/v2/keys/big' });
  const readers = Array.from({ length: 32 }, open);
  for (const { head } of readers) assert.equal((await head).statusCode, 200);
  const refused = await readWhole(await open().head);
  assert.equal(refused.status, 503);
  assert.equal(
    JSON.parse(refused.body).cause,
    'this member lets 32 large directories and queues be listed at a time',
  );
  for (const { leave } of readers) leave();
  await until(() => server.connections === 0);
  assert.equal((await server.ask('GET', '/v2/keys/big')).status, 200);
});

test('a few large values are streamed, too', async () => {
  await using server = await ApiServer.start();
  const value = 'x'.repeat(200_000);
  for (const key of ['a', 'b', 'c']) await server.ask('PUT', `/v2/keys/d/${key}`, `value=${value}`);
  const { headers, body } = await server.ask('GET', '/v2/keys/d');
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.equal(JSON.parse(body).node.nodes[2].value, value);
});
