import assert from 'node:assert/strict';
import test from 'node:test';
import { type Answer, ApiServer, until } from '../../support/api-server.js';

function errorOf({ status, body }: Answer): readonly [number, number, string] {
  const { errorCode, cause } = JSON.parse(body);
  return [status, errorCode, cause];
}

async function taken(server: ApiServer, query = ''): Promise<number> {
  const answer = await server.ask('POST', `/mod/v2/lock/a/b?ttl=60${query}`);
  assert.equal(answer.status, 200);
  return Number(answer.body);
}

const writes: readonly (readonly [method: string, query: string])[] = [
  ['PUT', 'value=1'],
  ['PUT', 'value=1&prevExist=true'],
  ['PUT', 'value=1&prevValue=0'],
  ['PUT', 'ttl=5&refresh=true&prevExist=true'],
  ['PUT', 'value=1&prevExist=false'],
  ['PUT', 'dir=true'],
  ['POST', 'value=1'],
  ['DELETE', 'prevValue=0'],
  ['DELETE', 'recursive=true'],
];

for (const [method, query] of writes) {
  test(`${method} with ${query} takes effect only while the queue entry holds`, async () => {
    await using server = await ApiServer.start();
    const makesKey = method === 'POST' || query.includes('prevExist=false');
    const key = makesKey ? 'new' : 'x';
    await server.ask('PUT', '/v2/keys/x', 'value=0');
    const token = await taken(server);
    const path = `/v2/keys/${key}?${query}&lock=a/b&lockIndex=`;
    const before = server.coordinator.state.etcdIndex;
    const refused = errorOf(await server.ask(method, `${path}${token + 1}`));
    const cause = `place ${token + 1} does not hold lock "a/b"; its holder: ${token}`;
    assert.deepEqual(refused, [412, 101, cause]);
    assert.equal(server.coordinator.state.etcdIndex, before);
    const done = await server.ask(method, `${path}${token}`);
    assert.ok(done.status < 300, done.body);
    await server.ask('DELETE', `/mod/v2/lock/a/b?index=${token}`);
    const late = errorOf(await server.ask(method, `${path}${token}`));
    assert.deepEqual(late, [
      412,
      101,
      `place ${token} does not hold lock "a/b"; its holder: nobody`,
    ]);
  });
}

test('a queue entry that waits does not hold', async () => {
  await using server = await ApiServer.start();
  const token = await taken(server);
  const waiter = server.open({ method: 'POST', path: '/mod/v2/lock/a/b?ttl=60' });
  await until(() => server.coordinator.stateMachine.locks.queue('lock', 'a/b').length === 2);
  const answer = await server.ask('PUT', `/v2/keys/x?lock=a/b&lockIndex=${token + 1}`, 'value=1');
  assert.equal(answer.status, 412);
  waiter.leave();
});

test('a fence is checked before any other condition', async () => {
  await using server = await ApiServer.start();
  for (const query of ['prevExist=true', 'prevIndex=99', 'prevValue=z']) {
    const path = `/v2/keys/none?${query}&lock=door&lockIndex=1`;
    const [status, errorCode, cause] = errorOf(await server.ask('PUT', path, 'value=1'));
    assert.deepEqual([status, errorCode], [412, 101]);
    assert.match(cause, /does not hold lock "door"/);
  }
});

test('a write can ask for a lock and for a leader, and both must hold', async () => {
  await using server = await ApiServer.start();
  const lock = await taken(server);
  const leader = Number((await server.ask('PUT', '/mod/v2/leader/boss?ttl=60&name=me')).body);
  const put = (lockIndex: number, leaderIndex: number) =>
    server.ask(
      'PUT',
      '/v2/keys/x',
      `value=1&lock=a/b&lockIndex=${lockIndex}&leader=boss&leaderIndex=${leaderIndex}`,
    );
  assert.equal((await put(lock, leader)).status, 201);
  assert.match(errorOf(await put(leader, leader))[2], /lock "a\/b"; its holder/);
  assert.match(errorOf(await put(lock, lock))[2], /election "boss"; its holder/);
  // A lock and an election of one name are apart.
  const [status] = errorOf(await server.ask('PUT', `/v2/keys/x?leader=a/b&leaderIndex=${lock}`));
  assert.equal(status, 412);
});

test('every holder of a shared lock may write, and a refusal names a few of them', async () => {
  await using server = await ApiServer.start();
  const tokens: number[] = [];
  for (let i = 0; i < 5; i += 1) tokens.push(await taken(server, '&limit=5'));
  for (const token of tokens) {
    const answer = await server.ask('PUT', `/v2/keys/x?value=1&lock=a/b&lockIndex=${token}`);
    assert.ok(answer.status < 300);
  }
  const [, , cause] = errorOf(await server.ask('PUT', '/v2/keys/x?value=1&lock=a/b&lockIndex=99'));
  assert.match(cause, new RegExp(`its holder: ${tokens.slice(0, 3).join(', ')} and 2 more$`));
});

for (const [query, errorCode, cause] of [
  ['lock=a', 209, /lock and lockIndex go together/],
  ['lockIndex=1', 209, /lock and lockIndex go together/],
  ['leader=a', 209, /leader and leaderIndex go together/],
  ['leaderIndex=1', 209, /leader and leaderIndex go together/],
  ['lock=a&leaderIndex=1', 209, /go together/],
  ['lock=&lockIndex=1', 209, /lock: the name is empty/],
  ['lock=a/../b&lockIndex=1', 209, /lock: "\.\." cannot be a part of a name/],
  ['lock=a&lockIndex=', 203, /lockIndex must be a plain decimal number/],
  ['lock=a&lockIndex=-1', 203, /lockIndex must be a plain decimal number/],
] as const) {
  test(`a write with ${query} is refused`, async () => {
    await using server = await ApiServer.start();
    for (const method of ['PUT', 'POST', 'DELETE']) {
      const answer = errorOf(await server.ask(method, `/v2/keys/x?${query}`));
      assert.deepEqual(answer.slice(0, 2), [400, errorCode]);
      assert.match(answer[2], cause);
    }
  });
}

test('a read cannot ask for a lock', async () => {
  await using server = await ApiServer.start();
  const [status, errorCode, cause] = errorOf(
    await server.ask('GET', '/v2/keys/x?lock=a&lockIndex=1'),
  );
  assert.deepEqual([status, errorCode], [400, 209]);
  assert.match(cause, /only a write/);
});

for (const space of ['lock', 'leader'] as const) {
  test(`an entry of a ${space} is found by its index only while it holds`, async () => {
    await using server = await ApiServer.start();
    const path = `/mod/v2/${space}/door`;
    const [method, who] = space === 'lock' ? ['POST', 'value'] : ['PUT', 'name'];
    const token = Number((await server.ask(method, `${path}?ttl=60&${who}=v`)).body);
    const waiter = server.open({ method, path: `${path}?ttl=60&${who}=w` });
    await until(() => server.coordinator.stateMachine.locks.queue(space, 'door').length === 2);
    const { barriers } = server.coordinator;
    const held = await server.ask('GET', `${path}?index=${token}`);
    assert.deepEqual([held.status, held.body], [200, 'v']);
    assert.equal(server.coordinator.barriers, barriers + 1);
    const waits = errorOf(await server.ask('GET', `${path}?index=${token + 1}`));
    assert.deepEqual(waits, [
      404,
      100,
      `place ${token + 1} does not hold door; its holder: ${token}`,
    ]);
    waiter.leave();
    await until(() => server.coordinator.stateMachine.locks.queue(space, 'door').length === 1);
    await server.ask('DELETE', `${path}?${who}=v`);
    const gone = errorOf(await server.ask('GET', `${path}?index=${token}`));
    assert.deepEqual(gone, [404, 100, `place ${token} does not hold door; its holder: nobody`]);
    assert.equal(errorOf(await server.ask('GET', `${path}?index=x`))[1], 203);
  });
}
