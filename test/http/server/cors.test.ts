import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';
import { exchange } from '../../support/raw-exchange.js';

const page = 'http://page.example';

function from(origin: string, method: string, path: string) {
  return { method, path, headers: { Origin: origin } };
}

test('no page of another origin may send requests unless it is permitted', async () => {
  await using server = await ApiServer.start();
  const refused = await server.askFor(from(page, 'PUT', '/v2/keys/a?value=1'));
  assert.equal(refused.headers['access-control-allow-origin'], undefined);
  const preflight = await server.askFor(from(page, 'OPTIONS', '/v2/keys/a'));
  assert.equal(preflight.headers['access-control-allow-methods'], undefined);
});

for (const path of ['/v2/keys/a', '/mod/v2/lock/a', '/mod/v2/leader/a', '/version', '/nowhere']) {
  test(`a page that is allowed may ask before it asks ${path}`, async () => {
    await using server = await ApiServer.start({ cors: [page] });
    const preflight = await server.askFor({
      ...from(page, 'OPTIONS', path),
      headers: { Origin: page, 'Access-Control-Request-Method': 'PUT' },
    });
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers['access-control-allow-origin'], page);
    const methods = String(preflight.headers['access-control-allow-methods']).split(', ');
    assert.deepEqual(methods, ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS']);
    assert.match(String(preflight.headers['access-control-allow-headers']), /content-type/);
    assert.equal(preflight.headers['access-control-allow-credentials'], undefined);
    assert.equal(preflight.headers.vary, 'Origin');
  });
}

for (const [method, path, status] of [
  ['GET', '/v2/keys/missing', 404],
  ['PUT', '/v2/keys/%zz', 400],
  ['PATCH', '/v2/keys/a', 405],
  ['GET', '/nowhere', 404],
  ['POST', '/version', 405],
  ['POST', '/mod/v2/lock/a', 400],
] as const) {
  test(`a page that is allowed may read the answer ${status} to ${method} ${path}`, async () => {
    await using server = await ApiServer.start({ cors: [page, 'http://second.example'] });
    const answer = await server.askFor(from(page, method, path));
    assert.equal(answer.status, status);
    assert.equal(answer.headers['access-control-allow-origin'], page);
    assert.match(String(answer.headers['access-control-expose-headers']), /X-Etcd-Index/);
    assert.equal(answer.headers.vary, 'Origin');
  });
}

test('permission for one page permits no other, and caches can tell them apart', async () => {
  await using server = await ApiServer.start({ cors: [page] });
  for (const origin of ['http://other.example', `${page}.evil.example`, 'null']) {
    const answer = await server.askFor(from(origin, 'GET', '/version'));
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    assert.equal(answer.headers.vary, 'Origin');
    const preflight = await server.askFor(from(origin, 'OPTIONS', '/v2/keys/a'));
    assert.equal(preflight.headers['access-control-allow-methods'], undefined);
  }
});

test('pages of every origin can be permitted', async () => {
  await using server = await ApiServer.start({ cors: ['*'] });
  const answer = await server.askFor(from('http://x.example', 'GET', '/version'));
  assert.equal(answer.headers['access-control-allow-origin'], '*');
});

test('only the names that were listed are served, with any port', async () => {
  await using server = await ApiServer.start({ hosts: ['Conclave.example', '10.0.0.1', '[::1]'] });
  const asked = async (host: string) =>
    (await server.askFor({ method: 'GET', path: '/version', headers: { Host: host } })).status;
  for (const host of [
    'conclave.example',
    'CONCLAVE.example:4001',
    '10.0.0.1:4001',
    '[::1]:4001',
    '[::1]',
  ]) {
    assert.equal(await asked(host), 200, host);
  }
  for (const host of ['evil.example', 'conclave.example.evil.example', '10.0.0.10', '']) {
    assert.equal(await asked(host), 403, host);
  }
});

test('the host of an absolute target counts, and not the Host header', async () => {
  await using server = await ApiServer.start({ hosts: ['conclave.example'] });
  const asked = async (target: string, host: string) => {
    const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    return Number(/^HTTP\/1.1 (\d+)/.exec(await exchange(server.port, head))?.[1]);
  };
  const evil = 'evil.example';
  const good = 'conclave.example';
  assert.equal(await asked(`http://${evil}/version`, good), 403);
  assert.equal(await asked(`HTTP://${evil}:80?x`, good), 403);
  assert.equal(await asked(`http://${good}/version`, evil), 200);
  assert.equal(await asked(`http://${good}:4001/version`, ''), 200);
  assert.equal(await asked('http:///version', good), 403);
  assert.equal(await asked('//evil.example/version', good), 301);
});

test('a request for another host is refused in the form of all errors', async () => {
  await using server = await ApiServer.start({ hosts: ['conclave.example'] });
  const headers = { Host: 'evil.example' };
  const answer = await server.askFor({ method: 'GET', path: '/v2/keys/', headers });
  assert.deepEqual(
    [answer.status, answer.headers['content-type'], JSON.parse(answer.body)],
    [
      403,
      'application/json',
      {
        errorCode: 221,
        message: 'Forbidden',
        cause: 'this member does not serve requests for that host',
        index: 0,
      },
    ],
  );
});

test('HTTP/1.0 needs no Host header, but then it names no host', async () => {
  const request = 'GET /version HTTP/1.0\r\n\r\n';
  await using open = await ApiServer.start();
  assert.match(await exchange(open.port, request), /^HTTP\/1.1 200 /);
  await using listed = await ApiServer.start({ hosts: ['conclave.example'] });
  assert.match(await exchange(listed.port, request), /^HTTP\/1.1 403 /);
});
