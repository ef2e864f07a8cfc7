import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';
import { missing, Program, python, pythonEtcd } from './program.js';

const helper = '/usr/libexec/ctdb/ctdb_etcd_lock';
const ttlSeconds = 5;

/** The helper prints this each time that it has, or has not, the lock. */
const holds = /^0+$/;
const contended = '1';

const skip = missing(python, pythonEtcd, helper);

test("Samba's lock helper holds alone, renews through the loss of a leader, and is followed when it dies", {
  skip,
}, async (context) => {
  await using real = await RealCluster.start(patient);
  const folder = mkdtempSync(join(tmpdir(), 'conclave-ctdb-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const start = (node: string, member: string) => startHelper(folder, node, real.url(member, ''));

  const leader = (await real.leader()) ?? '';
  const followers = real.names.filter((name) => name !== leader);
  const [member = '', other = ''] = followers;
  await using first = start('0', member);
  await first.prints(holds);
  await using second = start('1', other);
  await second.ends();
  assert.equal(second.output, contended);

  await real.cluster.kill(leader);
  const renewals = first.output.length;
  await until(
    () => first.output.length > renewals + 2,
    'the holder renews without the leader',
    30_000,
  );
  assert.match(first.output, holds);

  await first.end('SIGKILL');
  // Each attempt stands in the queue for a TTL, also one that was refused.
  const isFree = async () => (await queueAt(real, other)).length === 0;
  await until(isFree, 'the lock is free once the TTL is over', 10_000 + ttlSeconds * 1000);
  await using next = start('1', other);
  await next.prints(holds);
});

async function queueAt(real: RealCluster, member: string): Promise<readonly unknown[]> {
  const answer = await real.get(member, '/v2/keys/_locks/_ctdb/SAMBA');
  assert.equal(answer.status, 200);
  return JSON.parse(await answer.text()).node.nodes ?? [];
}

/** The helper asks ctdb and Samba for the node's name; these stand in for them. */
function startHelper(folder: string, node: string, memberUrl: string): Program {
  const bin = join(folder, `bin${node}`);
  const config = join(folder, `etcd${node}`);
  mkdirSync(bin, { recursive: true });
  const mode = 0o755;
  writeFileSync(join(bin, 'testparm'), '#!/bin/sh\necho SAMBA\n', { mode });
  writeFileSync(join(bin, 'ctdb'), `#!/bin/sh\necho ${node}\n`, { mode });
  const { hostname, port } = new URL(memberUrl);
  const settings = { host: hostname, port, lock_ttl: ttlSeconds, lock_refresh: 1 };
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join(''),
  );
  return new Program([python, helper, '--config', config], {
    PATH: `${bin}:/usr/sbin:/usr/bin:/bin`,
  });
}
