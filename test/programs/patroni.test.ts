import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { PatroniNode, postgresUser } from './patroni-node.js';
import { missing, Program } from './program.js';

const bootstrapMs = 90_000;
/** The leader's key expires, and Patroni looks after a second. */
const failoverMs = 40_000;

const skip = missing('/usr/bin/patroni', '/usr/lib/postgresql/15/bin/postgres');

test('Patroni bootstraps, stays through the kill of a leader of Conclave, fails over and switches over', {
  skip,
}, async (context) => {
  await using real = await RealCluster.start();
  const [first, second] = await twoNodes(context, real);

  first.start();
  await first.becomes('master', bootstrapMs);
  second.start();
  await second.becomes('replica', bootstrapMs);
  await first.execute('create table told (number int)');
  await first.execute('insert into told values (1)');

  await keepsItsLeader(context, real, first);

  const killedAt = performance.now();
  await first.kill();
  await second.becomes('master', failoverMs);
  context.diagnostic(`failed over in ${((performance.now() - killedAt) / 1000).toFixed(1)} s`);
  await second.tells('select number from told', '1');
  await second.execute('insert into told values (2)');

  first.start();
  await first.becomes('replica', bootstrapMs);
  await first.tells('select count(*) from told', '2');

  const request = ['switchover', '--force', '--candidate', first.name, 'demo'];
  await using control = new Program(['/usr/bin/patronictl', '-c', second.configPath, ...request]);
  assert.equal(await control.ends(), 0, control.output);
  assert.match(control.output, /Successfully switched over/);
  await first.becomes('master', failoverMs);
  await second.becomes('replica', failoverMs);
});

/** The leader of Conclave is killed, and comes back, while the primary is asked all the time. */
async function keepsItsLeader(
  context: TestContext,
  real: RealCluster,
  primary: PatroniNode,
): Promise<void> {
  const before = await primary.status();
  let asked = 0;
  const stillLeads = async () => {
    const status = await primary.status();
    assert.equal(status?.role, 'master', primary.output.slice(-3000));
    asked += 1;
  };
  const leader = (await real.leader()) ?? '';
  await real.cluster.kill(leader);
  const others = real.names.filter((name) => name !== leader);
  await until(async () => (await real.leader(others)) !== undefined, 'another leads');
  // Patroni renews its key once a second.
  const renewals = primary.output.length;
  await until(
    async () => {
      await stillLeads();
      return primary.output.slice(renewals).split('the leader with the lock').length > 5;
    },
    'the primary renews its key several times',
    30_000,
  );
  await real.cluster.restart(leader);
  await stillLeads();
  assert.equal((await primary.status())?.timeline, before?.timeline, 'it was never demoted');
  context.diagnostic(`the primary said so ${asked} times`);
}

async function twoNodes(
  context: TestContext,
  real: RealCluster,
): Promise<readonly [PatroniNode, PatroniNode]> {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-patroni-'));
  chownSync(folder, postgresUser().uid, postgresUser().gid);
  const etcdHosts = real.names.map((name) => new URL(real.url(name, '')).host);
  const ports = await freePorts(4);
  const create = (name: string, restPort = 0, postgresPort = 0) => {
    const node = new PatroniNode({ name, folder, restPort, postgresPort, etcdHosts });
    context.after(async () => await node[Symbol.asyncDispose]());
    return node;
  };
  const nodes = [create('pg1', ports[0], ports[1]), create('pg2', ports[2], ports[3])] as const;
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return nodes;
}
