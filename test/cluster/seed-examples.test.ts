import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { patient, RealCluster } from './real-cluster.js';
import { curl } from './shell.js';

/**
 * The examples with which etcd 0.4 introduced its modules, as they stood there, in an order that
 * makes sense.
 */
describe("every example of etcd's modules page, at every member", () => {
  let real: RealCluster;
  before(async () => {
    real = await RealCluster.start(patient);
  });
  after(async () => await real[Symbol.asyncDispose]());

  const at = async (member: string, line: string) => {
    const { status, body } = await curl(
      line.replace('http://127.0.0.1:4001', real.url(member, '')),
    );
    assert.equal(status, 200, `${line}: ${status} ${body}`);
    return body;
  };

  for (const member of ['node1', 'node2', 'node3']) {
    test(`a lock without a value, at ${member}`, async () => {
      const lock = 'http://127.0.0.1:4001/mod/v2/lock/customer1';
      const index = await at(member, `curl -X POST ${lock}?ttl=60`);
      assert.match(index, /^\d+$/);
      assert.equal(await at(member, `curl -X PUT ${lock}?ttl=60 -d index=${index}`), '');
      assert.equal(await at(member, `curl ${lock}`), '');
      assert.equal(await at(member, `curl ${lock}?field=index`), index);
      assert.equal(await at(member, `curl -X DELETE ${lock}?index=${index}`), '');
      assert.equal(await at(member, `curl ${lock}?field=index`), '');
    });

    test(`a lock with a value, at ${member}`, async () => {
      const lock = 'http://127.0.0.1:4001/mod/v2/lock/customer1';
      const index = await at(member, `curl -X POST ${lock}?ttl=60 -d value=bar`);
      assert.match(index, /^\d+$/);
      assert.equal(await at(member, `curl -X PUT ${lock}?ttl=60 -d value=bar`), '');
      assert.equal(await at(member, `curl ${lock}`), 'bar');
      assert.equal(await at(member, `curl ${lock}?field=index`), index);
      assert.equal(await at(member, `curl -X DELETE ${lock}?value=bar`), '');
      assert.equal(await at(member, `curl ${lock}`), '');
    });

    test(`an election, at ${member}`, async () => {
      const leader = 'http://127.0.0.1:4001/mod/v2/leader/order_processing';
      const elect = `curl -X PUT ${leader}?ttl=60 -d name=myserver1.foo.com`;
      const index = await at(member, elect);
      assert.match(index, /^\d+$/);
      assert.equal(await at(member, `curl ${leader}`), 'myserver1.foo.com');
      assert.equal(await at(member, elect), index, 'the same command again renews');
      assert.equal(await at(member, `curl -X DELETE ${leader}?name=myserver1.foo.com`), '');
      assert.equal(await at(member, `curl ${leader}`), '');
    });
  }
});
