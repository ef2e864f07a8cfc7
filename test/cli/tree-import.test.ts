import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TreeImport } from '../../src/cli/tree-import.js';
import { ConclaveClient } from '../../src/client/index.js';
import { ApiServer } from '../support/api-server.js';

function clientOf(port: number): ConclaveClient {
  return new ConclaveClient({ endpoints: [`http://127.0.0.1:${port}`] });
}

/** An etcd that answers with these listings. */
function etcdWith(listings: Readonly<Record<string, object>>, indexes = [5, 5]): ConclaveClient {
  let reads = 0;
  return new ConclaveClient({
    endpoints: ['http://etcd'],
    fetch: async (url) => {
      const { pathname } = new URL(url);
      const node = listings[pathname.replace(/^\/v2\/keys/, '')];
      const index = reads++ === 0 ? indexes[0] : indexes[1];
      const headers = { 'X-Etcd-Index': String(index) };
      const body = node === undefined ? { errorCode: 100, message: 'Key not found' } : { node };
      return new Response(JSON.stringify(body), {
        status: node === undefined ? 404 : 200,
        headers,
      });
    },
  });
}

const at = { modifiedIndex: 1, createdIndex: 1 };

test('a key whose TTL is over is not copied, nor is a directory, with what is in it', async () => {
  await using server = await ApiServer.start();
  const from = etcdWith({
    '/': {
      dir: true,
      nodes: [
        { key: '/gone', value: 'x', ttl: 0, ...at },
        { key: '/d', dir: true, ttl: 0, ...at },
        { key: '/stays', value: 'x', ttl: 100, ...at },
      ],
    },
    '/d': { key: '/d', dir: true, nodes: [{ key: '/d/a', value: 'x', ...at }] },
  });
  const copy = new TreeImport(from, clientOf(server.port), false);
  assert.equal(await copy.run('/'), true);
  assert.deepEqual([copy.report.keys, copy.report.expired], [1, 2]);
  assert.equal((await server.ask('GET', '/v2/keys/d')).status, 404);
});

test('a directory that is gone when it is read is passed over', async () => {
  await using server = await ApiServer.start();
  const from = etcdWith({ '/': { dir: true, nodes: [{ key: '/d', dir: true, ...at }] } });
  const copy = new TreeImport(from, clientOf(server.port), false);
  assert.equal(await copy.run('/'), true);
  assert.equal(copy.report.keys, 0);
});

test('what etcd could not show as it was, and what changed meanwhile, is told', async () => {
  await using server = await ApiServer.start();
  const nodes = [{ key: '/a', value: 'no \ufffd text', ...at }];
  const from = etcdWith({ '/': { dir: true, nodes } }, [5, 9]);
  const copy = new TreeImport(from, clientOf(server.port), false);
  await copy.run('/');
  assert.deepEqual([copy.report.replaced, copy.report.indexes], [1, [5, 9]]);
});

test('a key that this cluster refuses is named with the reason, and the others come', async () => {
  await using server = await ApiServer.start({ maxRequestBytes: 2000 });
  const nodes = [
    { key: '/large', value: 'x'.repeat(5000), ...at },
    { key: '/small', value: 'x', ...at },
  ];
  const copy = new TreeImport(
    etcdWith({ '/': { dir: true, nodes } }),
    clientOf(server.port),
    false,
  );
  await copy.run('/');
  assert.deepEqual([copy.report.keys, copy.report.refused.count], [1, 1]);
  assert.match(copy.report.refused.first[0] ?? '', /^\/large: /);
});

test('no more than 64 writes are under way, and one that fails for good ends the import', async () => {
  const nodes = Array.from({ length: 500 }, (_, key) => ({ key: `/${key}`, value: 'x', ...at }));
  let [now, most, all] = [0, 0, 0];
  const to = new ConclaveClient({
    endpoints: ['http://conclave'],
    requestTimeoutMs: 50,
    fetch: async () => {
      now += 1;
      all += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      const isFine = all < 200;
      return new Response(isFine ? '{}' : 'busy', { status: isFine ? 201 : 503 });
    },
  });
  const copy = new TreeImport(etcdWith({ '/': { dir: true, nodes } }), to, false);
  await assert.rejects(copy.run('/'), /status 503: busy/);
  assert.equal(most, 64);
  assert.ok(copy.report.keys < 300);
});
