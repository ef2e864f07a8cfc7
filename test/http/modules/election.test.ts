import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiServer, readWhole, until } from '../../support/api-server.js';

const election = '/mod/v2/leader/order_processing';
const first = 'name=myserver1.foo.com';
const second = 'name=myserver2.foo.com';

function candidates(server: ApiServer): number {
  return server.coordinator.stateMachine.locks.queue('leader', 'order_processing').length;
}

test('the examples of the modules page: set, retrieve and remove the leader', async () => {
  await using server = await ApiServer.start();
  const elected = await server.ask('PUT', `${election}?ttl=60`, first);
  assert.equal(elected.status, 200);
  assert.equal(elected.headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(elected.body, /^[1-9][0-9]*$/);
  const shown = await server.ask('GET', election);
  assert.deepEqual([shown.status, shown.body], [200, 'myserver1.foo.com']);
  const removed = await server.ask('DELETE', `${election}?${first}`);
  assert.deepEqual([removed.status, removed.body], [200, '']);
  const empty = await server.ask('GET', election);
  assert.deepEqual([empty.status, empty.body], [200, '']);
});

test("the leader's own campaign renews, and returns its index", async () => {
  await using server = await ApiServer.start();
  const { body: index } = await server.ask('PUT', `${election}?ttl=10`, first);
  server.clock.advance(9_000);
  assert.equal((await server.ask('PUT', `${election}?ttl=10`, first)).body, index);
  server.clock.advance(9_000);
  server.coordinator.expire();
  assert.equal((await server.ask('GET', election)).body, 'myserver1.foo.com');
  server.clock.advance(1_001);
  server.coordinator.expire();
  assert.equal((await server.ask('GET', election)).body, '');
});

test('a renewal elects nobody else', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', `${election}?ttl=60`, first);
  const waiting = server.open({ method: 'PUT', path: `${election}?ttl=60`, form: second });
  await until(() => candidates(server) === 2);
  for (let count = 0; count < 10; count += 1) {
    await server.ask('PUT', `${election}?ttl=60`, first);
  }
  assert.equal((await server.ask('GET', election)).body, 'myserver1.foo.com');
  await server.ask('DELETE', election, first);
  assert.equal((await readWhole(await waiting.head)).status, 200);
  assert.equal((await server.ask('GET', election)).body, 'myserver2.foo.com');
});

test('all requests of one queue entry are answered together', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', `${election}?ttl=60`, first);
  const campaign = { method: 'PUT', path: `${election}?ttl=60`, form: second };
  const [one, other] = [server.open(campaign), server.open(campaign)];
  await until(() => candidates(server) === 2 && server.coordinator.proposals === 3);
  await server.ask('DELETE', election, first);
  const answers = [await readWhole(await one.head), await readWhole(await other.head)];
  assert.equal(answers[0]?.status, 200);
  assert.equal(answers[0]?.body, answers[1]?.body);
});

test('a candidacy can be withdrawn', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', `${election}?ttl=60`, first);
  const waiting = server.open({ method: 'PUT', path: `${election}?ttl=60`, form: second });
  await until(() => candidates(server) === 2);
  assert.equal((await server.ask('DELETE', election, second)).status, 200);
  assert.equal((await readWhole(await waiting.head)).status, 404);
});

test('a lock of the same name is independent', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', '/mod/v2/lock/order_processing?ttl=60&value=locker');
  assert.equal((await server.ask('PUT', `${election}?ttl=60&timeout=0`, first)).status, 200);
  assert.equal((await server.ask('GET', '/mod/v2/lock/order_processing')).body, 'locker');
});

for (const [method, query, status, errorCode] of [
  ['PUT', 'ttl=60', 400, 206],
  ['PUT', 'ttl=60&name=', 400, 206],
  ['PUT', 'name=a', 400, 202],
  ['PUT', 'name=a&ttl=60&timeout=x', 400, 205],
  ['DELETE', '', 400, 206],
  ['DELETE', 'name=nobody', 404, 100],
  ['GET', 'wait=2', 400, 209],
  ['GET', 'wait=true&waitIndex=x', 400, 203],
] as const) {
  test(`${method} ?${query} is refused with ${errorCode}`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask(method, `${election}?${query}`);
    assert.equal(answer.status, status);
    assert.equal(JSON.parse(answer.body).errorCode, errorCode);
  });
}

test('with timeout=0 a candidate is told at once that there is a leader', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', `${election}?ttl=60`, first);
  const answer = await server.ask('PUT', `${election}?ttl=60&timeout=0`, second);
  assert.equal(answer.status, 409);
  assert.equal(JSON.parse(answer.body).errorCode, 111);
  assert.equal(candidates(server), 1);
});

describe('a campaign with its index', () => {
  test('renews the leader, with or without its name', async () => {
    await using server = await ApiServer.start();
    const { body: index } = await server.ask('PUT', `${election}?ttl=10`, first);
    for (const name of ['', `&${first}`]) {
      server.clock.advance(9_000);
      const renewed = await server.ask('PUT', `${election}?ttl=10&index=${index}${name}`);
      assert.deepEqual([renewed.status, renewed.body], [200, index]);
    }
  });

  test('never queues: a leader that was deposed is told so at once', async () => {
    await using server = await ApiServer.start();
    const { body: index } = await server.ask('PUT', `${election}?ttl=10`, first);
    await server.ask('DELETE', `${election}?index=${index}`);
    await server.ask('PUT', `${election}?ttl=60`, second);
    for (const name of ['', `&${first}`]) {
      const late = await server.ask('PUT', `${election}?ttl=10&index=${index}${name}`);
      assert.equal(late.status, 404);
      const { errorCode, cause } = JSON.parse(late.body);
      assert.equal(errorCode, 100);
      assert.match(cause, /^order_processing has no place 1/);
    }
    assert.equal(candidates(server), 1);
  });

  test('of nobody, or of somebody else, is refused', async () => {
    await using server = await ApiServer.start();
    const { body: index } = await server.ask('PUT', `${election}?ttl=10`, first);
    for (const [query, status] of [
      ['index=999&name=a', 404],
      [`index=${index}&${second}`, 404],
      ['index=first&name=a', 400],
      ['index=&name=a', 400],
    ] as const) {
      const answer = await server.ask('PUT', `${election}?ttl=10&${query}`);
      assert.equal(answer.status, status, query);
    }
    assert.equal(candidates(server), 1);
  });
});

test('a leader resigns by its index, if that is all it gives', async () => {
  await using server = await ApiServer.start();
  const { body: index } = await server.ask('PUT', `${election}?ttl=10`, first);
  const both = await server.ask('DELETE', `${election}?index=${index}&${first}`);
  assert.deepEqual([both.status, JSON.parse(both.body).errorCode], [400, 208]);
  assert.equal((await server.ask('DELETE', `${election}?index=999`)).status, 404);
  assert.equal(candidates(server), 1);
  assert.equal((await server.ask('DELETE', `${election}?index=${index}`)).status, 200);
  assert.equal(candidates(server), 0);
});
