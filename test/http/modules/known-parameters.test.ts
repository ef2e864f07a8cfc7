import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';

const stream = { Accept: 'text/event-stream' };

for (const [method, path, cause, headers] of [
  [
    'POST',
    '/mod/v2/lock/door?ttl=60&tiemout=0',
    'unknown parameter "tiemout" (did you mean timeout?); this request takes value, ttl, timeout, index, keep, hold, mode, limit, progress',
  ],
  ['POST', '/mod/v2/lock/door?ttl=60&name=a', /^unknown parameter "name".*; this request takes/],
  ['PUT', '/mod/v2/lock/door?ttl=60&idnex=1', /did you mean index\?/],
  ['PUT', '/mod/v2/lock/door?ttl=60&index=1&timeout=1', /"timeout".*takes ttl, index, value$/],
  ['DELETE', '/mod/v2/lock/door?vlaue=a', /did you mean value\?.*takes index, value, force$/],
  ['GET', '/mod/v2/lock/door?feild=index', /did you mean field\?/],
  ['HEAD', '/mod/v2/lock/door?feild=index', undefined],
  ['GET', '/mod/v2/lock/door?index=1', /^"index"|unknown parameter "index"/, stream],
  ['GET', '/mod/v2/lock/?index=1', /"index".*takes prefix, after, max/],
  ['GET', '/mod/v2/leader/?prefxi=a', /did you mean prefix\?/],
  ['PUT', '/mod/v2/leader/a?ttl=60&nmae=a', /did you mean name\?/],
  ['PUT', '/mod/v2/leader/a?ttl=60&value=a', /"value".*takes name, ttl/],
  ['DELETE', '/mod/v2/leader/a?value=a', /takes index, name, force$/],
  ['POST', '/mod/v2/lock/door?ttl=60&VALUE=a', /"VALUE"/],
  ['POST', `/mod/v2/lock/door?ttl=60&${'x'.repeat(5000)}=a`, /^unknown parameter "x{100}";/],
  ['POST', '/mod/v2/lock/door?ttl=60&__proto__=a', /"__proto__"/],
] as const) {
  test(`${method} ${path.slice(0, 60)}${headers ? ' as a stream' : ''} is refused, and says what was meant`, async () => {
    await using server = await ApiServer.start();
    const question = { method, path };
    const answer = await server.askFor(headers ? { ...question, headers } : question);
    assert.equal(answer.status, 400);
    assert.equal(server.coordinator.proposals, 0);
    if (cause === undefined) return;
    const { errorCode, cause: told } = JSON.parse(answer.body);
    assert.equal(errorCode, 209);
    if (typeof cause === 'string') assert.equal(told, cause);
    else assert.match(told, cause);
  });
}

test('an unknown parameter in the body is refused, too', async () => {
  await using server = await ApiServer.start();
  const answer = await server.ask('POST', '/mod/v2/lock/door?ttl=60', 'valeu=a');
  assert.equal(answer.status, 400);
  assert.match(JSON.parse(answer.body).cause, /did you mean value\?/);
});

test('as in etcd, keys ignore what they do not know', async () => {
  await using server = await ApiServer.start();
  const { status } = await server.ask('PUT', '/v2/keys/a?value=1&tlt=5&progress=x');
  assert.equal(status, 201);
});
