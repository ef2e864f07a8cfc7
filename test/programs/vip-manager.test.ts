import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReachableMember } from '../cluster/reachable-member.js';
import { SeparateHost } from '../cluster/separate-host.js';
import { until } from '../cluster/until.js';
import { missing } from './program.js';

const vipManager = '/usr/bin/vip-manager';
/** One of those that are meant for documentation (RFC 5737). */
const address = '192.0.2.1';
const key = '/service/demo/leader';

const skip = missing(vipManager);

test('vip-manager takes the address while its host is the leader, and gives it up for another', {
  skip,
}, async (context) => {
  const host = await SeparateHost.start();
  assert.ok(typeof host !== 'string', `needs root, iproute2 and nftables: ${host}`);
  context.after(async () => await host[Symbol.asyncDispose]());
  const port = await startReachableMember(context, host.gateway);
  const elect = async (name: string) => {
    const body = new URLSearchParams({ value: name });
    const answer = await fetch(`http://127.0.0.1:${port}/v2/keys${key}`, { method: 'PUT', body });
    assert.ok(answer.ok);
  };
  await elect('pg2');
  host.spawn(vipManager, [
    ...['--ip', address, '--netmask', '32', '--interface', 'eth0', '--interval', '200'],
    ...['--trigger-key', key, '--trigger-value', 'pg1'],
    ...['--dcs-type', 'etcd', '--dcs-endpoints', `http://${host.gateway}:${port}`],
  ]);
  await elect('pg1');
  await until(() => host.hasAddress(address), 'the leader has the address');
  await elect('pg2');
  await until(() => !host.hasAddress(address), 'the deposed leader has it no more');
  await elect('pg1');
  await until(() => host.hasAddress(address), 'the leader has it again');
});
