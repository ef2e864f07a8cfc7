import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { missing, Program, python, pythonEtcd } from './program.js';

const skip = missing(python, pythonEtcd);

test('python-etcd locks, and watches on while the member that it asks is killed', {
  skip,
}, async () => {
  await using real = await RealCluster.start(patient);
  const ports = real.names.map((name) => new URL(real.url(name, '')).port);
  const script = new URL('python-etcd.py', import.meta.url).pathname;
  await using program = new Program([python, script, ...ports]);
  await program.prints('watches');
  const write = async (value: string) => {
    const { status } = await real.request('node3', 'PUT', '/v2/keys/watched', { value });
    assert.equal(status, 200);
    await program.prints(`saw ${value}`);
  };
  await write('1');
  await write('2');
  // The first of its list.
  await real.cluster.kill('node1');
  for (const value of ['3', '4', '5']) await write(value);
  assert.equal(await program.ends(), 0, program.output);
});
