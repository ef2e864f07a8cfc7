import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { asBuilt, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const because = /its data directory is not the one that the cluster knows .*its disk was replaced/;
const todo = /Start it with the data directory that it had/;

interface Shown {
  readonly name: string;
  readonly refusal: { readonly by: string; readonly reason: string } | null;
}

test('a member whose data directory was emptied is refused, and every place says why and what to do', async () => {
  await using real = await RealCluster.start();
  const leader = await real.leader();
  const name = real.names.find((each) => each !== leader) ?? '';
  const others = real.names.filter((each) => each !== name);
  await real.cluster.kill(name);
  rmSync(join(real.dataDir, name), { recursive: true });
  await real.cluster.restart(name);

  const health = async () => (await real.get(name, '/health')).text();
  const refusedBy = new RegExp(`"reason":"refused by ${others.join(' and ')}: `);
  await until(async () => refusedBy.test(await health()), 'both refuse it, and it says so');
  for (const pattern of [because, todo]) assert.match(await health(), pattern);
  const ready = await real.get(name, '/readyz');
  assert.deepEqual([ready.status, because.test(await ready.text())], [503, true]);
  const { stdout, code } = await run(['health', '--endpoints', real.url(name, '')]);
  assert.equal(code, 1);
  assert.match(stdout, /is not healthy: 503 refused by .*Start it with the data directory that/);

  for (const other of others) {
    const seen = () => refusalAt(real, other, name);
    await until(async () => (await seen())?.by === 'self', `${other} tells that it refuses it`);
    assert.match((await seen())?.reason ?? '', because);
    assert.equal((await refusalAt(real, name, other))?.by, 'peer');
  }
  for (const each of real.names) {
    const log = () => readFileSync(real.logPath(each), 'utf8');
    await until(() => because.test(log()) && todo.test(log()), `the log of ${each} says it`);
  }

  const answer = await real.request(name, 'PUT', '/v2/keys/a', { value: '1' });
  assert.equal(answer.status, 503);
  for (const other of others) {
    assert.ok((await real.request(other, 'PUT', '/v2/keys/b', { value: '1' })).ok);
  }
});

/** What the overview of `at`, which its dashboard shows, tells of the member `of`. */
async function refusalAt(real: RealCluster, at: string, of: string): Promise<Shown['refusal']> {
  const overview = await (await real.get(at, '/v2/stats/cluster')).text();
  const { members }: { readonly members: readonly Shown[] } = JSON.parse(overview);
  return members.find((member) => member.name === of)?.refusal ?? null;
}

async function run(args: readonly string[]): Promise<{ stdout: string; code: number }> {
  const [file = '', ...before] = asBuilt;
  try {
    const { stdout } = await promisify(execFile)(file, [...before, ...args]);
    return { stdout, code: 0 };
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && 'stdout' in error, String(error));
    return { stdout: String(error.stdout), code: Number(error.code) };
  }
}
