import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChangingCluster } from './changing-cluster.js';
import { changeUnderLoad } from './members-campaign.js';
import { until } from './until.js';

const names = ['n1', 'n2', 'n3', 'n4', 'n5'];

describe('the members of a cluster that is in use', () => {
  test('change without a failed request, a lost write or a lock that two hold', async () => {
    await changeUnderLoad({ writers: 8, lockers: 6, pauseMs: 20 });
  });

  test('one grows to three in the way of etcd, and a removed member that comes back ends', async () => {
    await using cluster = await ChangingCluster.start(names, ['n1']);
    const all = ['n1', 'n2', 'n3'].map((name) => `${name}=${cluster.peerUrl(name)}`).join();
    for (const name of ['n2', 'n3']) {
      const answer = await fetch(`${cluster.clientUrl('n1')}/v2/members`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ peerURLs: [cluster.peerUrl(name)] }),
      });
      assert.equal(answer.status, 201);
      cluster.run(name, ['--initial-cluster-state', 'existing', '--initial-cluster', all]);
      await cluster.serves(name);
      const grown = ['n1', 'n2', 'n3'].slice(0, names.indexOf(name) + 1);
      await cluster.areVoters('n1', ...grown);
    }
    await cluster.kill('n3');
    assert.equal((await cluster.command('n1', 'member', 'remove', 'n3')).code, 0);
    cluster.run('n3', []);
    await cluster.ended('n3');
    assert.match(cluster.log('n3'), /^conclave: this member was removed from its cluster/m);
    assert.match(cluster.log('n3'), /--initial-cluster and the like are ignored/);
  });

  test('a member moves to another address, and the others find it there', async () => {
    await using cluster = await ChangingCluster.start(names, ['n1', 'n2', 'n3']);
    await cluster.areVoters('n1', 'n1', 'n2', 'n3');
    await cluster.kill('n3');
    const elsewhere = cluster.peerUrl('n5');
    const moved = await cluster.command('n1', 'member', 'update', 'n3', elsewhere);
    assert.match(moved.stdout, new RegExp(`^n3 \\(\\w{16}\\) is reached at ${elsewhere}`));
    cluster.run('n3', ['--listen-peer-urls', elsewhere]);
    await cluster.serves('n3');
    const members = await cluster.members('n3');
    assert.deepEqual(members.find(({ name }) => name === 'n3')?.peerURLs, [elsewhere]);
  });

  test('who is not a member cannot join, and is told what to do; an unsafe removal names who is missing', async () => {
    await using cluster = await ChangingCluster.start(names, ['n1', 'n2', 'n3']);
    await cluster.areVoters('n1', 'n1', 'n2', 'n3');
    cluster.join('n4', 'n1');
    await cluster.ended('n4');
    const told = /cannot start: the cluster has no member n4 .*: conclave member add n4/;
    assert.match(cluster.log('n4'), told);
    const leader = await cluster.leader('n1');
    const [gone = '', other = ''] = ['n1', 'n2', 'n3'].filter((name) => name !== leader);
    await cluster.kill(gone);
    const isMissed = async () =>
      (await cluster.members(leader)).some(({ name, reachable }) => name === gone && !reachable);
    await until(isMissed, `${gone} does not answer`, 30_000);
    const refused = await cluster.command(leader, 'member', 'remove', other);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`too few voters would be left .*: ${gone} does not`));
    const itself = await cluster.command(other, 'member', 'remove', leader);
    assert.match(itself.stderr, new RegExp(`too few voters would be left .*: ${gone} does not`));
    assert.equal(await cluster.leader(other), leader, 'nothing was handed over');
  });

  test('the last survivor goes on alone with what it has, gives the others up, and grows again', async () => {
    await using cluster = await ChangingCluster.start(names, ['n1', 'n2', 'n3']);
    await cluster.areVoters('n1', 'n1', 'n2', 'n3');
    await cluster.client(['n1']).keys.set('kept', 'v');
    for (const name of ['n1', 'n2', 'n3']) await cluster.kill(name);
    cluster.run('n1', ['--force-new-cluster']);
    await cluster.areVoters('n1', 'n1');
    assert.match(cluster.log('n1'), /gave up all other members for good/);
    assert.equal((await cluster.client(['n1']).keys.get('kept'))?.value, 'v');

    cluster.run('n2', []);
    await cluster.ended('n2');
    assert.match(cluster.log('n2'), /^conclave: this member was removed from its cluster/m);

    await cluster.command('n1', 'member', 'add', 'n4', cluster.peerUrl('n4'));
    cluster.join('n4', 'n1');
    await cluster.areVoters('n4', 'n1', 'n4');
    await cluster.client(['n4']).keys.set('more', 'w');
  });
});
