import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, ApiServer, readWhole, until } from '../../support/api-server.js';

const door = '/mod/v2/lock/customer1';

function queueLength(server: ApiServer, name = 'customer1'): number {
  return server.coordinator.stateMachine.locks.queue('lock', name).length;
}

interface Refusal {
  readonly errorCode: number;
  readonly message: string;
  readonly cause: string;
  readonly place?: number;
}

function parsed(answer: Answer): Refusal {
  assert.equal(answer.headers['content-type'], 'application/json');
  assert(answer.body.endsWith('}\n'));
  const { index, ...error } = JSON.parse(answer.body);
  assert.equal(answer.headers['x-etcd-index'], String(index));
  return error;
}

describe('the examples of the modules page', () => {
  test('acquire, renew, retrieve and delete by index', async () => {
    await using server = await ApiServer.start();
    const acquired = await server.ask('POST', `${door}?ttl=60`);
    assert.equal(acquired.status, 200);
    assert.equal(acquired.headers['content-type'], 'text/plain; charset=utf-8');
    assert.match(acquired.body, /^[1-9][0-9]*$/);
    const index = acquired.body;
    const renewed = await server.ask('PUT', `${door}?ttl=60`, `index=${index}`);
    assert.deepEqual([renewed.status, renewed.body], [200, '']);
    assert.equal((await server.ask('GET', `${door}?field=index`)).body, index);
    const deleted = await server.ask('DELETE', `${door}?index=${index}`);
    assert.deepEqual([deleted.status, deleted.body], [200, '']);
    assert.equal(queueLength(server), 0);
  });

  test('acquire, renew, retrieve and delete by value', async () => {
    await using server = await ApiServer.start();
    assert.equal((await server.ask('POST', `${door}?ttl=60`, 'value=bar')).status, 200);
    const renewed = await server.ask('PUT', `${door}?ttl=60`, 'value=bar');
    assert.deepEqual([renewed.status, renewed.body], [200, '']);
    assert.equal((await server.ask('GET', door)).body, 'bar');
    const deleted = await server.ask('DELETE', `${door}?value=bar`);
    assert.deepEqual([deleted.status, deleted.body], [200, '']);
    assert.equal(queueLength(server), 0);
  });
});

test("every answer has the cluster's id and index, and a success has Raft's index and term", async () => {
  await using server = await ApiServer.start();
  for (const [method, path] of [
    ['POST', `${door}?ttl=60`],
    ['GET', door],
    ['PUT', door],
    ['DELETE', `${door}?index=99`],
  ] as const) {
    const { status, headers } = await server.ask(method, path);
    assert.equal(headers['x-etcd-cluster-id'], '00000000000000cc');
    assert.equal(headers['x-etcd-index'], String(server.coordinator.state.etcdIndex));
    if (status >= 400) continue;
    assert.match(String(headers['x-raft-index']), /^\d+$/);
    assert.equal(headers['x-raft-term'], '2');
  }
});

const ttlNaN = [202, 'The given TTL in POST form is not a number'] as const;
const timeoutNaN = [205, 'The given timeout in POST form is not a number'] as const;
const indexNaN = [203, 'The given index in POST form is not a number'] as const;
const invalidField = [209, 'Invalid field'] as const;

for (const [method, path, [errorCode, message]] of [
  ['POST', door, ttlNaN],
  ['POST', `${door}?ttl=`, ttlNaN],
  ['POST', `${door}?ttl=0`, ttlNaN],
  ['POST', `${door}?ttl=-1`, ttlNaN],
  ['POST', `${door}?ttl=1.5`, ttlNaN],
  ['POST', `${door}?ttl=NaN`, ttlNaN],
  ['POST', `${door}?ttl=1e3`, ttlNaN],
  ['POST', `${door}?ttl=3153600001`, ttlNaN],
  ['POST', `${door}?ttl=99999999999999999999999`, ttlNaN],
  ['PUT', `${door}?index=2`, ttlNaN],
  ['POST', `${door}?ttl=1&timeout=`, timeoutNaN],
  ['POST', `${door}?ttl=1&timeout=-1`, timeoutNaN],
  ['POST', `${door}?ttl=1&timeout=soon`, timeoutNaN],
  ['POST', `${door}?ttl=1&timeout=9999999999`, timeoutNaN],
  ['PUT', `${door}?ttl=1&index=two`, indexNaN],
  ['DELETE', `${door}?index=-2`, indexNaN],
  ['PUT', `${door}?ttl=1`, [207, 'Index or value is required']],
  ['DELETE', door, [207, 'Index or value is required']],
  ['DELETE', `${door}?value=`, [207, 'Index or value is required']],
  ['DELETE', `${door}?index=1&value=a`, [208, 'Index and value cannot both be specified']],
  ['GET', `${door}?field=ttl`, invalidField],
  ['GET', `${door}?field=`, invalidField],
  ['GET', `${door}?quorum=perhaps`, invalidField],
  ['POST', '/mod/v2/lock?ttl=1', invalidField],
  ['POST', '/mod/v2/lock/?ttl=1', invalidField],
  ['POST', '/mod/v2/lock//?ttl=1', invalidField],
  ['POST', '/mod/v2/lock/a/../b?ttl=1', invalidField],
  ['POST', '/mod/v2/lock/%2e?ttl=1', invalidField],
  ['POST', '/mod/v2/lock/a/00000000000000000012?ttl=1', invalidField],
  ['POST', `/mod/v2/lock/${'a/'.repeat(200)}?ttl=1`, invalidField],
  ['POST', `${door}%zz?ttl=1`, [210, 'Invalid POST form']],
  ['POST', `${door}?ttl=1&ttl=2`, [210, 'Invalid POST form']],
] as const) {
  test(`${method} ${path.slice(0, 60)} is refused with ${errorCode}`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask(method, path);
    assert.equal(answer.status, 400);
    const error = parsed(answer);
    assert.deepEqual([error.errorCode, error.message], [errorCode, message]);
    assert.notEqual(error.cause, '');
    assert.deepEqual([...server.coordinator.state.locks.namesFrom('lock', '')], []);
  });
}

for (const [method, query] of [
  ['PUT', 'ttl=60&index=99'],
  ['PUT', 'ttl=60&value=nobody'],
  ['DELETE', 'index=99'],
  ['DELETE', 'value=nobody'],
] as const) {
  test(`${method} with ${query} names no queue entry`, async () => {
    await using server = await ApiServer.start();
    for (const held of [false, true]) {
      if (held) await server.ask('POST', `${door}?ttl=60&value=somebody`);
      const answer = await server.ask(method, `${door}?${query}`);
      assert.equal(answer.status, 404);
      assert.equal(parsed(answer).errorCode, 100);
    }
    assert.equal(queueLength(server), 1);
  });
}

test('a renewal by index and value needs both to name one queue entry', async () => {
  await using server = await ApiServer.start();
  const { body: index } = await server.ask('POST', `${door}?ttl=60&value=bar`);
  const put = (form: string) => server.ask('PUT', `${door}?ttl=60`, form);
  assert.equal((await put(`index=${index}&value=bar`)).status, 200);
  assert.equal((await put(`index=${index}&value=foo`)).status, 404);
  assert.equal((await put(`index=${Number(index) + 1}&value=bar`)).status, 404);
});

test('a parameter may come in the body of a DELETE', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', `${door}?ttl=60`, 'value=bar');
  assert.equal((await server.ask('DELETE', door, 'value=bar')).status, 200);
  assert.equal(queueLength(server), 0);
});

test('the body wins over the query', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', `${door}?ttl=60&value=query`, 'value=body');
  assert.equal((await server.ask('GET', door)).body, 'body');
});

for (const value of ['', 'ü€😀 +&=%\n"', '__proto__', 'x'.repeat(1_000_000)]) {
  test(`a value may be ${JSON.stringify(value.slice(0, 20))}, ${value.length} long`, async () => {
    await using server = await ApiServer.start();
    const form = `value=${encodeURIComponent(value)}`;
    const { status, body: index } = await server.ask('POST', `${door}?ttl=60`, form);
    assert.equal(status, 200);
    assert.equal((await server.ask('GET', door)).body, value);
    assert.equal((await server.ask('DELETE', `${door}?index=${index}`)).status, 200);
  });
}

test('a name may hold slashes and any Unicode, and each is a lock of its own', async () => {
  await using server = await ApiServer.start();
  for (const name of ['a', 'a/b', 'a%2Fb%2Fc', '%C3%BC%20%F0%9F%98%80', '__proto__', '_hidden']) {
    const answer = await server.ask('POST', `/mod/v2/lock/${name}?ttl=60&timeout=0`);
    assert.equal(answer.status, 200, name);
  }
  assert.deepEqual(
    [...server.coordinator.state.locks.namesFrom('lock', '')].sort(),
    ['__proto__', '_hidden', 'a', 'a/b', 'a/b/c', 'ü 😀'].sort(),
  );
  assert.equal((await server.ask('POST', '/mod/v2/lock/a//b/?ttl=60&timeout=0')).status, 409);
});

test('a lock that nobody holds is shown empty', async () => {
  await using server = await ApiServer.start();
  for (const query of ['', '?field=value', '?field=index']) {
    const answer = await server.ask('GET', `/mod/v2/lock/never-used${query}`);
    assert.deepEqual([answer.status, answer.body], [200, '']);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  }
});

test('a client that accepts JSON sees the holder and who waits', async () => {
  await using server = await ApiServer.start();
  const question = { method: 'GET', path: door, headers: { Accept: 'application/json' } };
  const empty = await server.askFor(question);
  assert.equal(empty.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(empty.body), {
    name: 'customer1',
    limit: 1,
    index: 0,
    holder: null,
    holders: [],
    queue: [],
    history: [],
  });
  const { body: index } = await server.ask('POST', `${door}?ttl=60&value=first`);
  const waiter = server.open({ method: 'POST', path: `${door}?ttl=30&value=second` });
  await until(() => queueLength(server) === 2);
  server.clock.advance(9_500);
  const { body } = await server.askFor(question);
  const { holder, holders, queue, history, ...lock } = JSON.parse(body);
  const { since, ...held } = holder;
  const token = Number(index);
  assert.deepEqual(lock, { name: 'customer1', limit: 1, index: token });
  const first = { index: token, value: 'first', mode: 'exclusive', ttl: 60, ttlLeft: 50.5 };
  assert.deepEqual(held, first);
  assert.deepEqual(holders, [holder]);
  const [{ waitingSince, ...waiting }] = queue;
  const second = { index: token + 1, value: 'second', mode: 'exclusive', ttl: 30 };
  assert.deepEqual([waiting, queue.length], [second, 1]);
  const granted = { index: token, action: 'granted', place: token, value: 'first', time: since };
  assert.deepEqual(history, [granted]);
  assert.equal(new Date(since).toISOString(), since);
  assert.ok(Math.abs(Date.parse(waitingSince) - Date.parse(since)) < 1000);
  assert.ok(Math.abs(Date.now() - Date.parse(since)) < 5_000);
  waiter.leave();
});

test('a read is confirmed by the leader unless the client takes a stale answer', async () => {
  await using server = await ApiServer.start();
  await server.ask('POST', `${door}?ttl=60&value=bar`);
  assert.equal(server.coordinator.barriers, 0);
  await server.ask('GET', door);
  assert.equal(server.coordinator.barriers, 1);
  assert.equal((await server.ask('GET', `${door}?quorum=false`)).body, 'bar');
  assert.equal(server.coordinator.barriers, 1);
});

describe('a request that waits', () => {
  test('is answered when it becomes the holder', async () => {
    await using server = await ApiServer.start();
    const { body: first } = await server.ask('POST', `${door}?ttl=60`);
    const waiter = server.open({ method: 'POST', path: `${door}?ttl=60` });
    await until(() => queueLength(server) === 2);
    await server.ask('DELETE', `${door}?index=${first}`);
    const answer = await readWhole(await waiter.head);
    assert.equal(answer.status, 200);
    assert(Number(answer.body) > Number(first));
  });

  test('leaves the queue when its client closes the connection', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=60`);
    const waiter = server.open({ method: 'POST', path: `${door}?ttl=60` });
    await until(() => queueLength(server) === 2);
    waiter.leave();
    await until(() => queueLength(server) === 1);
  });

  test('leaves the queue though its entry appeared after its client had gone', async () => {
    await using server = await ApiServer.start();
    server.coordinator.hold();
    const waiter = server.open({ method: 'POST', path: `${door}?ttl=60` });
    await until(() => server.coordinator.waiting === 1);
    const gone = new Promise((resolve) => {
      server.onConnectionClosed(() => resolve(undefined));
    });
    waiter.leave();
    await gone;
    server.coordinator.applyNext();
    assert.equal(queueLength(server), 1);
    server.coordinator.resume();
    await until(() => queueLength(server) === 0);
  });

  test('is refused when its time is over, with nothing left in the queue', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=60`);
    const waiter = server.open({ method: 'POST', path: `${door}?ttl=60&timeout=5` });
    await until(() => queueLength(server) === 2);
    server.clock.advance(5_000);
    const answer = await readWhole(await waiter.head);
    assert.equal(answer.status, 409);
    const { errorCode, message } = parsed(answer);
    assert.deepEqual([errorCode, message], [111, 'Lock not acquired']);
    assert.equal(queueLength(server), 1);
  });

  test('with timeout=0 is answered at once', async () => {
    await using server = await ApiServer.start();
    assert.equal((await server.ask('POST', `${door}?ttl=60&timeout=0`)).status, 200);
    const answer = await server.ask('POST', `${door}?ttl=60&timeout=0`);
    assert.equal(answer.status, 409);
    assert.equal(parsed(answer).errorCode, 111);
    assert.equal(queueLength(server), 1);
  });

  test('is answered when its queue entry is deleted', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=60`);
    const waiter = server.open({ method: 'POST', path: `${door}?ttl=60&value=bar` });
    await until(() => queueLength(server) === 2);
    await server.ask('DELETE', `${door}?value=bar`);
    const answer = await readWhole(await waiter.head);
    assert.equal(answer.status, 404);
    assert.equal(parsed(answer).errorCode, 100);
  });

  test('is refused in the same words, however long it waited', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=60`);
    const once = parsed(await server.ask('POST', `${door}?ttl=60&timeout=0`));
    const waiter = server.open({ method: 'POST', path: `${door}?ttl=60&timeout=3` });
    await until(() => queueLength(server) === 2);
    server.clock.advance(3_000);
    const later = parsed(await readWhole(await waiter.head));
    assert.deepEqual(later, once);
    assert.match(once.cause, /^.* is not free; its holder: 1$/);
    assert.doesNotMatch(once.cause, /_etcd/);
  });

  test('with keep=true is told its place, to which it comes back by index or value', async () => {
    await using server = await ApiServer.start();
    await server.ask('POST', `${door}?ttl=60`);
    for (const query of ['value=bob', 'value=bob', 'index=2', 'index=2&value=bob']) {
      const path = `${door}?ttl=60&timeout=3&keep=true&${query}`;
      const waiter = server.open({ method: 'POST', path });
      const proposals = server.coordinator.proposals;
      await until(() => server.coordinator.proposals > proposals);
      server.clock.advance(3_000);
      const answer = await readWhole(await waiter.head);
      assert.deepEqual([answer.status, parsed(answer).place], [409, 2]);
      assert.equal(queueLength(server), 2);
    }
    await server.ask('DELETE', `${door}?index=1`);
    const held = await server.ask('POST', `${door}?ttl=60&timeout=3&keep=true&value=bob`);
    assert.deepEqual([held.status, held.body], [200, '2']);
  });

  for (const [kind, asked, wayBack] of [
    ['without a value', ['POST', '/mod/v2/lock/a?ttl=60'], 'index=2'],
    ['with a value', ['POST', '/mod/v2/lock/a?ttl=60&value=v'], 'the same value, or with index=2'],
    ['with a name', ['PUT', '/mod/v2/leader/a?ttl=60&name=n'], 'the same name, or with index=2'],
  ] as const) {
    test(`${kind} ends with 503 when the member stops, and is told how to come back`, async () => {
      await using server = await ApiServer.start();
      const [method, path] = asked;
      await server.ask(method, path.replace(/=[vn]$/, '=other'));
      const waiter = server.open({ method, path });
      const space = method === 'PUT' ? 'leader' : 'lock';
      const { locks } = server.coordinator.stateMachine;
      await until(() => locks.queue(space, 'a').length === 2);
      await server.stopServing();
      const answer = await readWhole(await waiter.head);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers['retry-after'], '1');
      const cause = `this member stops; place 2 stays for its ttl: ask another member with ${wayBack}`;
      assert.deepEqual([parsed(answer).place, parsed(answer).cause], [2, cause]);
      assert.equal(locks.queue(space, 'a').length, 2);
    });
  }
});

for (const [method, path] of [
  ['POST', `${door}?ttl=60&timeout=0`],
  ['PUT', `${door}?ttl=60&index=1`],
  ['DELETE', `${door}?index=1`],
  ['GET', door],
  ['GET', '/v2/keys/a'],
  ['PUT', '/v2/keys/a?value=1'],
] as const) {
  test(`without a leader, ${method} ${path} is answered in time`, async () => {
    await using server = await ApiServer.start();
    server.coordinator.hasLeader = false;
    const pending = server.open({ method, path });
    if (method === 'POST') await until(() => server.clock.timerCount > 0);
    server.clock.advance(3000);
    const answer = await readWhole(await pending.head);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['retry-after'], '1');
    const { errorCode, message, cause } = parsed(answer);
    assert.deepEqual([errorCode, message], [301, 'During Leader Election']);
    assert.match(cause, /effect/, 'it tells whether the request may still take effect');
  });
}
