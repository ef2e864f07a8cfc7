import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { ApiServer } from '../support/api-server.js';
import { Authority, pemOf } from '../support/certificates.js';
import { Etcd, Events, nodeEtcdMissing } from './node-etcd.js';

const skip = nodeEtcdMissing;
const authority = new Authority();
after(() => authority[Symbol.dispose]());

test('node-etcd works by https, with its certificate and not without', { skip }, async () => {
  const ca = readFileSync(authority.caFile, 'latin1');
  const contextOptions = { ...pemOf(authority.issue()), ca };
  const secure = {
    contextOptions,
    wantsCertificate: true,
    namesUsers: false,
    onReplaced: () => {},
  };
  await using server = await ApiServer.start({}, {}, secure);
  const hosts = [`https://localhost:${server.port}`];
  const shown = pemOf(authority.issue({ commonName: 'a client', names: [] }));
  const etcd = new Etcd(hosts, { ca, ...shown });
  using events = new Events(etcd.watcher('a', 1, {}));
  const { error, body } = await etcd.call('set', 'a', 'one');
  assert.equal(error, null);
  const { node } = body as { readonly node: { readonly modifiedIndex: number } };
  await events.are([['set', node.modifiedIndex]]);
  assert.match(JSON.stringify((await etcd.call('get', 'a')).body), /"value":"one"/);
  const without = await new Etcd(hosts, { ca }).call('get', 'a', { maxRetries: 0 });
  assert.notEqual(without.error, null);
});
