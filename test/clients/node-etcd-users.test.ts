import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthServer, passwords } from '../http/access/auth-server.js';
import { Etcd, nodeEtcdMissing } from './node-etcd.js';

const skip = nodeEtcdMissing;

test('node-etcd asks as the user whose credentials it has', { skip }, async () => {
  await using server = await AuthServer.start();
  const hosts = [`http://127.0.0.1:${server.api.port}`];
  const as = (user: string, pass: string) => new Etcd(hosts, { auth: { user, pass } });
  const alice = as('alice', passwords.alice);
  assert.equal((await alice.call('set', 'a', 'one')).error, null);
  assert.match(JSON.stringify((await alice.call('get', 'a')).body), /"value":"one"/);
  const elsewhere = await alice.call('set', 'b', 'one');
  assert.equal(elsewhere.error?.errorCode, 110);
  for (const other of [as('alice', 'wrong'), as('nobody', passwords.nobody), new Etcd(hosts)]) {
    assert.equal((await other.call('get', 'a')).error?.errorCode, 110);
  }
});
