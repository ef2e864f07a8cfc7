import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ended, start } from '../cli/recorded-command.js';
import { patient, RealCluster } from './real-cluster.js';
import { until } from './until.js';

describe('the commands for members', () => {
  test('list the members, and let another one lead', async () => {
    await using real = await RealCluster.start(patient);
    const env = { CONCLAVE_ENDPOINTS: real.names.map((name) => real.url(name, '')).join(',') };
    const run = (...args: readonly string[]) => ended(start(['member', ...args], env));

    const leader = (await real.leader()) ?? '';
    let listed = '';
    const isListed = async () => {
      listed = (await run('list')).stdout;
      return new RegExp(`^${leader} \\(\\w+\\): leader \\S+ http://`, 'm').test(listed);
    };
    // Each member tells what the others said of themselves when they were last asked.
    await until(isListed, 'the leader is listed as one');
    assert.equal(listed.match(/: follower /g)?.length, 2);
    const lines = (await run('list', '--json')).stdout.trim().split('\n');
    const members = lines.map((line): { readonly name: string } => JSON.parse(line));
    assert.deepEqual(
      members.map(({ name }) => name),
      real.names,
    );

    // Through each member, hence through followers, too.
    for (const to of [...real.names, ...real.names]) {
      const from = (await real.leader()) ?? '';
      const through = { CONCLAVE_ENDPOINTS: real.url(real.names[0] ?? '', '') };
      const moved = await ended(start(['member', 'transfer', to], through));
      if (to === from) {
        assert.deepEqual(
          [moved.code, moved.stderr],
          [1, `conclave: member transfer: ${to} leads already\n`],
        );
      } else {
        assert.deepEqual(
          [moved.stdout, moved.stderr],
          [`${to} leads; ${from} has handed over\n`, ''],
        );
        assert.equal(await real.leader(), to);
      }
    }

    const anywhere = await run('transfer');
    assert.match(anywhere.stdout, /^node\d leads; node3 has handed over\n$/);

    const strange = await run('transfer', 'node9');
    assert.equal(
      strange.stderr,
      'conclave: member transfer: "node9" is not a member: the members are node1, node2, node3\n',
    );
    assert.equal(strange.code, 1);

    const now = (await real.leader()) ?? '';
    const [gone = ''] = real.names.filter((name) => name !== now);
    await real.cluster.kill(gone);
    const lost = await run('transfer', gone);
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, new RegExp(`${gone} does not answer, so it cannot lead`));
  });
});
