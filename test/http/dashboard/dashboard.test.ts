import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readAssets } from '../../../src/http/dashboard/assets.js';
import { ApiServer } from '../../support/api-server.js';

const page = '<!doctype html><title>Conclave</title>';
const script = 'console.log(1);';

describe('the dashboard is served', () => {
  let folder: string;
  let server: ApiServer;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'conclave-assets-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(folder, 'assets/index-abc.js'), script);
    writeFileSync(join(folder, 'assets/index-abc.js.br'), 'in brotli');
    writeFileSync(join(folder, 'assets/index-abc.js.gz'), 'in gzip');
    writeFileSync(join(folder, 'secret.txt'), 'no part of the page');
    server = await ApiServer.start({ dashboard: readAssets(folder) });
  });

  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test('at its path, revalidated at each request', async () => {
    const answer = await server.ask('GET', '/mod/dashboard/');
    assert.equal(answer.status, 200);
    assert.equal(answer.body, page);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'no-cache');
    const again = await server.askFor({
      method: 'GET',
      path: '/mod/dashboard/',
      headers: { 'If-None-Match': String(answer.headers.etag) },
    });
    assert.equal(again.status, 304);
    assert.equal(again.body, '');
  });

  test('without the trailing slash by a relative redirect, behind any prefix', async () => {
    const { status, headers } = await server.ask('GET', '/mod/dashboard');
    assert.equal(status, 308);
    assert.equal(headers.location, 'dashboard/');
  });

  test('from the root of the server by a relative redirect', async () => {
    for (const method of ['GET', 'HEAD'] as const) {
      const { status, headers, body } = await server.ask(method, '/');
      assert.deepEqual([status, headers.location, body], [302, 'mod/dashboard/', '']);
    }
    assert.equal((await server.ask('PUT', '/')).status, 404);
  });

  test('by a redirect to the clean path, as every path but those of locks', async () => {
    for (const [path, location] of [
      ['/mod//dashboard', '/mod/dashboard'],
      ['//mod/dashboard/?a=b', '/mod/dashboard/?a=b'],
      ['/mod/./v2/../dashboard/', '/mod/dashboard/'],
      ['/mod//v2/lock/a', '/mod/v2/lock/a'],
    ] as const) {
      const { status, headers } = await server.ask('GET', path);
      assert.deepEqual([status, headers.location], [301, location]);
    }
    assert.equal((await server.ask('GET', '/mod/v2/lock//a')).status, 200);
    assert.equal((await server.ask('GET', '/mod/v2/leader/a//b')).status, 200);
  });

  test('without parameters: it has none, and refuses what it does not know', async () => {
    for (const path of ['?tab=locks', 'assets/index-abc.js?v=2', 'nothing-there?a=1&b=2']) {
      const answer = await server.ask('GET', `/mod/dashboard/${path}`);
      assert.equal(answer.status, 400, path);
      const { errorCode, cause } = JSON.parse(answer.body);
      assert.equal(errorCode, 209);
      assert.match(cause, /^unknown parameter "(tab|v|a)"; this request takes none$/);
    }
    assert.equal((await server.ask('GET', '/mod/dashboard/?')).status, 200);
  });

  test('with rules that let the page load and ask this member only', async () => {
    for (const path of ['', 'assets/index-abc.js', 'nothing-there']) {
      const { headers } = await server.ask('GET', `/mod/dashboard/${path}`);
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /default-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
    }
  });

  test('a file with its hash in its name is cached for good, in the best encoding', async () => {
    const cases = [
      ['gzip, deflate, br', 'br', 'in brotli'],
      ['gzip, br;q=0', 'gzip', 'in gzip'],
      ['identity', undefined, script],
      ['', undefined, script],
    ] as const;
    for (const [accepted, encoding, body] of cases) {
      const answer = await server.askFor({
        method: 'GET',
        path: '/mod/dashboard/assets/index-abc.js',
        headers: { 'Accept-Encoding': accepted },
      });
      assert.equal(answer.headers['content-encoding'], encoding);
      assert.equal(answer.body, body);
      assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(answer.headers.vary, 'Accept-Encoding');
    }
  });

  test('and nothing else, whatever path is asked for', async () => {
    const paths = [
      'secret.txt',
      'assets/index-abc.js.br',
      'assets',
      '%00',
      'constructor',
      '__proto__',
    ];
    for (const path of paths) {
      const { status, body } = await server.ask('GET', `/mod/dashboard/${path}`);
      assert.equal(status, 404, path);
      assert.equal(body, '404 page not found\n');
    }
  });

  test('and no path leads out of it, or into it from elsewhere', async () => {
    for (const [path, clean] of [
      ['../../../package.json', '/package.json'],
      ['..%2f..%2fpackage.json', '/package.json'],
      ['%2e%2e/%2e%2e/package.json', '/package.json'],
      ['assets/../index.html', '/mod/dashboard/index.html'],
      ['/secret.txt', '/mod/dashboard/secret.txt'],
    ] as const) {
      const { status, headers } = await server.ask('GET', `/mod/dashboard/${path}`);
      assert.deepEqual([status, headers.location], [301, clean]);
    }
  });

  test('read-only', async () => {
    const { status, headers } = await server.ask('PUT', '/mod/dashboard/', 'value=1');
    assert.equal(status, 405);
    assert.equal(headers.allow, 'GET,HEAD');
    const head = await server.ask('HEAD', '/mod/dashboard/');
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal(head.headers['content-length'], String(page.length));
  });
});

test('a member whose dashboard was not built says how to build it', async () => {
  await using server = await ApiServer.start({ dashboard: readAssets('/nowhere/at/all') });
  const { status, body } = await server.ask('GET', '/mod/dashboard/');
  assert.equal(status, 503);
  assert.match(body, /npm run build/);
  assert.equal((await server.ask('GET', '/mod/dashboard/x.js')).status, 404);
});
