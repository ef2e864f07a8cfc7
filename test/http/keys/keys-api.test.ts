import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

/** What etcd 3.4.23 answers; the numbers of its indexes are replaced, as ours begin elsewhere. */
interface Recorded {
  readonly request: readonly [method: string, path: string, form?: string];
  readonly status: number;
  readonly body: string;
}

/** Indexes become distances from the index before the first request. */
function relative(body: string, base: number): string {
  return body
    .replace(/"(modifiedIndex|createdIndex|index)":(\d+)/g, (_, name, index) =>
      index === '0' ? `"${name}":0` : `"${name}":+${Number(index) - base}`,
    )
    .replace(/"expiration":"[^"]+"/g, '"expiration":"…"')
    .replace(/\/\d{20}"/g, (key) => `/+${Number(key.slice(1, -1)) - base}"`)
    .trimEnd();
}

async function replay(recorded: readonly Recorded[]): Promise<void> {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/_before');
  const base = server.coordinator.state.etcdIndex;
  for (const { request, status, body } of recorded) {
    const answer = await server.ask(...request);
    assert.equal(relative(answer.body, base), body, request.join(' '));
    assert.equal(answer.status, status, request.join(' '));
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(answer.headers['x-etcd-cluster-id'], '00000000000000cc');
    assert.match(answer.headers['x-etcd-index']?.toString() ?? '', /^\d+$/);
    const isError = status >= 400;
    assert.match(answer.headers['x-raft-index']?.toString() ?? '', isError ? /^$/ : /^\d+$/);
    assert.equal(answer.headers['x-raft-term'], isError ? undefined : '2');
  }
}

describe('the answers of etcd 3.4', () => {
  test('to set, get and delete', () =>
    replay([
      {
        request: ['PUT', '/v2/keys/a', 'value=1'],
        status: 201,
        body: '{"action":"set","node":{"key":"/a","value":"1","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/a', 'value=2&ttl=10'],
        status: 200,
        body:
          '{"action":"set","node":{"key":"/a","value":"2","expiration":"…","ttl":10,"modifiedIndex":+2,"createdIndex":+2},' +
          '"prevNode":{"key":"/a","value":"1","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['GET', '/v2/keys'],
        status: 200,
        body:
          '{"action":"get","node":{"dir":true,"nodes":[{"key":"/a","value":"2","expiration":"…","ttl":10,' +
          '"modifiedIndex":+2,"createdIndex":+2}]}}',
      },
      {
        request: ['GET', '/v2/keys/nope'],
        status: 404,
        body: '{"errorCode":100,"message":"Key not found","cause":"/nope","index":+2}',
      },
      {
        request: ['DELETE', '/v2/keys/a'],
        status: 200,
        body:
          '{"action":"delete","node":{"key":"/a","modifiedIndex":+3,"createdIndex":+2},' +
          '"prevNode":{"key":"/a","value":"2","expiration":"…","ttl":10,"modifiedIndex":+2,"createdIndex":+2}}',
      },
      {
        request: ['PUT', '/v2/keys/', 'value=1'],
        status: 400,
        body: '{"errorCode":107,"message":"Root is read only","cause":"/","index":+3}',
      },
    ]));

  test('to conditions', () =>
    replay([
      {
        request: ['PUT', '/v2/keys/e?prevExist=false', 'value=1'],
        status: 201,
        body: '{"action":"create","node":{"key":"/e","value":"1","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/e?prevExist=false', 'value=1'],
        status: 412,
        body: '{"errorCode":105,"message":"Key already exists","cause":"/e","index":+1}',
      },
      {
        request: ['PUT', '/v2/keys/ne?prevExist=true', 'value=1'],
        status: 404,
        body: '{"errorCode":100,"message":"Key not found","cause":"/ne","index":+1}',
      },
      {
        request: ['PUT', '/v2/keys/e?prevExist=true&prevValue=zz', 'value=1'],
        status: 412,
        body: '{"errorCode":101,"message":"Compare failed","cause":"[zz != 1]","index":+1}',
      },
      {
        request: ['PUT', '/v2/keys/e?prevValue=1', 'value=2'],
        status: 200,
        body:
          '{"action":"compareAndSwap","node":{"key":"/e","value":"2","modifiedIndex":+2,"createdIndex":+1},' +
          '"prevNode":{"key":"/e","value":"1","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/e?prevExist=true', 'value=3'],
        status: 200,
        body:
          '{"action":"update","node":{"key":"/e","value":"3","modifiedIndex":+3,"createdIndex":+1},' +
          '"prevNode":{"key":"/e","value":"2","modifiedIndex":+2,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/e?prevIndex=0', 'value=4'],
        status: 200,
        body:
          '{"action":"set","node":{"key":"/e","value":"4","modifiedIndex":+4,"createdIndex":+4},' +
          '"prevNode":{"key":"/e","value":"3","modifiedIndex":+3,"createdIndex":+1}}',
      },
      {
        request: ['DELETE', '/v2/keys/e?prevValue=nope'],
        status: 412,
        body: '{"errorCode":101,"message":"Compare failed","cause":"[nope != 4]","index":+4}',
      },
      {
        request: ['DELETE', '/v2/keys/e', 'prevValue=4'],
        status: 200,
        body:
          '{"action":"compareAndDelete","node":{"key":"/e","modifiedIndex":+5,"createdIndex":+4},' +
          '"prevNode":{"key":"/e","value":"4","modifiedIndex":+4,"createdIndex":+4}}',
      },
    ]));

  test('to directories', () =>
    replay([
      {
        request: ['PUT', '/v2/keys/dd?dir=true'],
        status: 201,
        body: '{"action":"set","node":{"key":"/dd","dir":true,"modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/dd', 'value=x'],
        status: 403,
        body: '{"errorCode":102,"message":"Not a file","cause":"/dd","index":+1}',
      },
      {
        request: ['PUT', '/v2/keys/dd?prevValue=1&value=1'],
        status: 403,
        body: '{"errorCode":102,"message":"Not a file","cause":"/dd","index":+1}',
      },
      {
        request: ['DELETE', '/v2/keys/dd'],
        status: 403,
        body: '{"errorCode":102,"message":"Not a file","cause":"/dd","index":+1}',
      },
      {
        request: ['PUT', '/v2/keys/dd/b/c', 'value=1'],
        status: 201,
        body: '{"action":"set","node":{"key":"/dd/b/c","value":"1","modifiedIndex":+2,"createdIndex":+2}}',
      },
      {
        request: ['DELETE', '/v2/keys/dd?dir=true'],
        status: 403,
        body: '{"errorCode":108,"message":"Directory not empty","cause":"/dd","index":+2}',
      },
      {
        request: ['GET', '/v2/keys/dd?recursive=true&sorted=true'],
        status: 200,
        body:
          '{"action":"get","node":{"key":"/dd","dir":true,"nodes":[{"key":"/dd/b","dir":true,' +
          '"nodes":[{"key":"/dd/b/c","value":"1","modifiedIndex":+2,"createdIndex":+2}],"modifiedIndex":+2,"createdIndex":+2}],' +
          '"modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['DELETE', '/v2/keys/dd?recursive=true'],
        status: 200,
        body:
          '{"action":"delete","node":{"key":"/dd","dir":true,"modifiedIndex":+3,"createdIndex":+1},' +
          '"prevNode":{"key":"/dd","dir":true,"modifiedIndex":+1,"createdIndex":+1}}',
      },
    ]));

  test('to in-order keys', () =>
    replay([
      {
        request: ['POST', '/v2/keys/q', 'value=1'],
        status: 201,
        body: '{"action":"create","node":{"key":"/q/+1","value":"1","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['POST', '/v2/keys/q', 'value=1&dir=true'],
        status: 201,
        body: '{"action":"create","node":{"key":"/q/+2","dir":true,"modifiedIndex":+2,"createdIndex":+2}}',
      },
      {
        request: ['POST', '/v2/keys', 'value=root'],
        status: 201,
        body: '{"action":"create","node":{"key":"/+3","value":"root","modifiedIndex":+3,"createdIndex":+3}}',
      },
    ]));

  test('to a refresh', () =>
    replay([
      {
        request: ['PUT', '/v2/keys/b?refresh=true&ttl=5'],
        status: 404,
        body: '{"errorCode":100,"message":"Key not found","cause":"/b","index":+0}',
      },
      {
        request: ['PUT', '/v2/keys/b', 'value=e'],
        status: 201,
        body: '{"action":"set","node":{"key":"/b","value":"e","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/b?refresh=true&ttl=5&prevExist=true'],
        status: 200,
        body:
          '{"action":"update","node":{"key":"/b","value":"e","expiration":"…","ttl":5,"modifiedIndex":+2,"createdIndex":+1},' +
          '"prevNode":{"key":"/b","value":"e","modifiedIndex":+1,"createdIndex":+1}}',
      },
      {
        request: ['PUT', '/v2/keys/b?refresh=true&ttl=7'],
        status: 200,
        body:
          '{"action":"set","node":{"key":"/b","value":"e","expiration":"…","ttl":7,"modifiedIndex":+3,"createdIndex":+3},' +
          '"prevNode":{"key":"/b","value":"e","expiration":"…","ttl":5,"modifiedIndex":+2,"createdIndex":+1}}',
      },
    ]));

  test('to noValueOnSuccess', () =>
    replay([
      {
        request: ['PUT', '/v2/keys/b?noValueOnSuccess=true', 'value=1'],
        status: 201,
        body: '{"action":"set"}',
      },
      {
        request: ['POST', '/v2/keys/q?noValueOnSuccess=true', 'value=1'],
        status: 201,
        body: '{"action":"create"}',
      },
      {
        request: ['DELETE', '/v2/keys/b?noValueOnSuccess=true'],
        status: 200,
        body:
          '{"action":"delete","node":{"key":"/b","modifiedIndex":+3,"createdIndex":+1},' +
          '"prevNode":{"key":"/b","value":"1","modifiedIndex":+1,"createdIndex":+1}}',
      },
    ]));

  test('to characters that could be taken for HTML', () =>
    replay([
      {
        request: ['PUT', '/v2/keys/%C3%A9', 'value=%3C%26%3E%E2%80%A8%22'],
        status: 201,
        body:
          '{"action":"set","node":{"key":"/é","value":"\\u003c\\u0026\\u003e\\u2028\\"",' +
          '"modifiedIndex":+1,"createdIndex":+1}}',
      },
    ]));
});

test('a read of a key is confirmed by the leader unless the client takes a stale answer', async () => {
  await using server = await ApiServer.start();
  for (const [method, query, barriers] of [
    ['GET', '', 1],
    ['GET', '?quorum=true', 2],
    ['HEAD', '', 3],
    ['GET', '?quorum=false', 3],
  ] as const) {
    await server.ask(method, `/v2/keys/a${query}`);
    assert.equal(server.coordinator.barriers, barriers);
  }
});

test('a read with an explicit quorum=true does not wait, as in etcd', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', 'value=1');
  const { status, body } = await server.ask('GET', '/v2/keys/a?wait=true&quorum=true');
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).action, 'get');
});

test('a ttl counts down in whole seconds, rounded up, and the expiration stays', async () => {
  await using server = await ApiServer.start();
  const { body } = await server.ask('PUT', '/v2/keys/a', 'value=1&ttl=10');
  const { expiration } = JSON.parse(body).node;
  assert.match(expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const [afterMs, ttl] of [
    [0, 10],
    [1, 10],
    [999, 9],
    [8_999, 1],
    [1, undefined],
  ] as const) {
    server.clock.advance(afterMs);
    const { node } = JSON.parse((await server.ask('GET', '/v2/keys/a')).body);
    assert.equal(node.ttl, ttl);
  }
  server.coordinator.expire();
  assert.equal((await server.ask('GET', '/v2/keys/a')).status, 404);
});

const ttlNaN = [
  202,
  'The given TTL in POST form is not a number',
  'invalid value for "ttl"',
] as const;
const indexNaN = (name: string) =>
  [203, 'The given index in POST form is not a number', `invalid value for "${name}"`] as const;
const invalidField = (cause: string) => [209, 'Invalid field', cause] as const;

for (const [method, query, [errorCode, message, cause]] of [
  ['PUT', 'ttl=-1', ttlNaN],
  ['PUT', 'ttl=abc', ttlNaN],
  ['PUT', 'ttl=1.5', ttlNaN],
  ['PUT', 'ttl=%2B5', ttlNaN],
  ['PUT', 'ttl=18446744073709551616', ttlNaN],
  ['PUT', 'prevIndex=x', indexNaN('prevIndex')],
  ['PUT', 'prevIndex=', indexNaN('prevIndex')],
  ['GET', 'waitIndex=-1', indexNaN('waitIndex')],
  ['GET', 'recursive=2', invalidField('invalid value for "recursive"')],
  ['GET', 'sorted=yes', invalidField('invalid value for "sorted"')],
  ['GET', 'wait=', invalidField('invalid value for "wait"')],
  ['GET', 'quorum=yes', invalidField('invalid value for "quorum"')],
  ['GET', 'stream=2', invalidField('invalid value for "stream"')],
  ['PUT', 'dir=2', invalidField('invalid value for "dir"')],
  ['PUT', 'noValueOnSuccess=2', invalidField('invalid value for "noValueOnSuccess"')],
  ['PUT', 'prevExist=maybe', invalidField('invalid value for prevExist')],
  ['PUT', 'prevExist=', invalidField('invalid value for prevExist')],
  ['PUT', 'refresh=x&ttl=5', invalidField('invalid value for refresh')],
  ['PUT', 'wait=true', invalidField('"wait" can only be used with GET requests')],
  ['PUT', 'prevValue=', [201, 'PrevValue is Required in POST form', '"prevValue" cannot be empty']],
  [
    'DELETE',
    'prevValue=',
    [201, 'PrevValue is Required in POST form', '"prevValue" cannot be empty'],
  ],
  [
    'PUT',
    'refresh=true&value=1&ttl=4',
    [211, 'Value provided on refresh', 'A value was provided on a refresh'],
  ],
  ['PUT', 'refresh=true', [212, 'A TTL must be provided on refresh', 'No TTL value set']],
  ['PUT', 'value=%zz', [210, 'Invalid POST form', 'invalid URL escape "%zz"']],
  ['PUT', 'value=1;x=2', [210, 'Invalid POST form', 'invalid semicolon separator in query']],
] as const) {
  test(`${method} with ${query} is refused as etcd does it`, async () => {
    await using server = await ApiServer.start();
    const answer = await server.ask(method, `/v2/keys/b?${query}`);
    assert.equal(answer.status, 400);
    assert.equal(answer.body, `${JSON.stringify({ errorCode, message, cause, index: 0 })}\n`);
    assert.equal(answer.headers['x-etcd-index'], '0');
  });
}

test('an event shows what was left of a TTL when it happened', async () => {
  await using server = await ApiServer.start();
  await server.ask('PUT', '/v2/keys/a', 'value=1&ttl=10');
  server.clock.advance(2_500);
  await server.ask('PUT', '/v2/keys/a', 'value=2&ttl=20');
  await server.ask('DELETE', '/v2/keys/a');
  server.clock.advance(5_000);
  const last = server.coordinator.state.etcdIndex;
  const event = async (index: number) => {
    const answer = await server.ask('GET', `/v2/keys/a?wait=true&waitIndex=${index}`);
    const { node, prevNode } = JSON.parse(answer.body);
    return [node.ttl, prevNode?.ttl];
  };
  assert.deepEqual(await event(last - 2), [10, undefined]);
  assert.deepEqual(await event(last - 1), [20, 8]);
  assert.deepEqual(await event(last), [undefined, 20]);
});

test("a listing has hidden keys on request, unlike etcd's", async () => {
  await using server = await ApiServer.start();
  for (const path of ['d/a', 'd/_h', 'd/_f/x'])
    await server.ask('PUT', `/v2/keys/${path}`, 'value=1');
  const keysAt = async (query: string) => {
    const { body } = await server.ask('GET', `/v2/keys/d?sorted=true&${query}`);
    return JSON.stringify(JSON.parse(body)).match(/"\/d\/[^"]+"/g);
  };
  assert.deepEqual(await keysAt('hidden=false'), ['"/d/a"']);
  assert.deepEqual(await keysAt('hidden=true'), ['"/d/_f"', '"/d/_h"', '"/d/a"']);
  const all = ['"/d/_f"', '"/d/_f/x"', '"/d/_h"', '"/d/a"'];
  assert.deepEqual(await keysAt('hidden=true&recursive=true'), all);
  const refused = await server.ask('GET', '/v2/keys/d?hidden=perhaps');
  assert.equal(refused.status, 400);
  assert.match(refused.body, /"errorCode":209/);
});
