import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BeatingLock, LockProcess } from './lock-process.js';
import { OnceRace } from './once-race.js';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

describe('conclave once', () => {
  let real: RealCluster;
  let scratch: string;
  before(async () => {
    real = await RealCluster.start();
    scratch = mkdtempSync(join(tmpdir(), 'conclave-once-command-'));
  });
  after(async () => {
    await real[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const once = (...args: readonly string[]) => new LockProcess(real, ['once', ...args]);

  test('runs the command once for each key, through the loss of the leader, and tells the others', async () => {
    const file = join(scratch, 'runs');
    const keys = ['2030-01-01', '2030-01-02', 'a/b %'];
    const script = `echo "$0" >> '${file}'; sleep 0.3; exit 4`;
    const callers = keys.flatMap((key) =>
      [1, 2, 3, 4].map(() => once('report', '--key', key, '--', 'sh', '-c', script, key)),
    );
    let leader = '';
    const leads = async () => {
      leader = (await real.leader()) ?? '';
      return leader !== '';
    };
    await until(leads, 'somebody leads');
    await real.cluster.kill(leader);
    const ended = await Promise.all(callers.map((caller) => caller.ended));
    await real.cluster.restart(leader);
    const runs = readFileSync(file, 'utf8').trim().split('\n');
    assert.deepEqual(runs.toSorted(), keys.toSorted());
    const codes = ended.map(({ code }) => code);
    assert.equal(codes.filter((code) => code === 4).length, keys.length, String(codes));
    const others = ended.filter(({ code }) => code === 0);
    assert.equal(others.length, callers.length - keys.length, JSON.stringify(ended));
    for (const { stdout } of others) {
      assert.match(stdout, /^\S+ has run it at \d{4}-\S+Z, with exit code 4\n$/);
    }
    const later = await once('report', '--key', 'a/b %', '--', 'echo', 'ran').ended;
    assert.equal(later.code, 0);
    assert.match(later.stdout, /with exit code 4\n$/);
  });

  /** Its runner is killed while the command runs. */
  const loseRunner = async (key: string) => {
    const file = join(scratch, key);
    const lost = new BeatingLock(real, ['job', '--key', key, '--ttl', '2'], { file, kind: 'once' });
    await lost.begins();
    lost.signal('SIGKILL');
    await lost.ended;
  };

  test('does not replace a runner that was lost, and says so to everybody', async () => {
    await loseRunner('lost');
    for (const args of [[], ['--retry']]) {
      const told = await once('job', '--key', 'lost', ...args, '--', 'echo', 'ran').ended;
      assert.equal(told.code, 74);
      assert.match(told.stdout, /^\S+ has begun at \S+ and was lost; it is not repeated\n$/);
    }
  });

  test('replaces a runner that was lost, if it may', async () => {
    await loseRunner('retried');
    const told = await once('job', '--key', 'retried', '--retry', '--', 'echo', 'ran').ended;
    assert.deepEqual([told.code, told.stdout], [0, 'ran\n']);
    const other = await once('job', '--key', 'retried', '--', 'echo', 'ran').ended;
    assert.match(other.stdout, /has run it at .*, with exit code 0\n$/);
  });

  test('leaves the run to others where the command cannot be started', async () => {
    const missing = await once('job', '--key', 'missing', '--', 'no-such-command').ended;
    assert.equal(missing.code, 127);
    const told = await once('job', '--key', 'missing', '--', 'echo', 'ran').ended;
    assert.deepEqual([told.code, told.stdout], [0, 'ran\n']);
  });

  test('runs once in a slot of --every, which it names by the time of the cluster', async () => {
    const daily = () => once('daily', '--every', '100d', '--', 'echo', 'ran').ended;
    const told = [await daily(), await daily()];
    assert.equal(told[0]?.stdout, 'ran\n');
    assert.match(told[1]?.stdout ?? '', /with exit code 0\n$/);
    const kept = await real.get('node1', '/v2/keys/_conclave/once/daily');
    assert.match(await kept.text(), /daily\/\d{4}-\d\d-\d\dT00%3A00%3A00Z"/);
  });

  test('forgets the result after --keep', async () => {
    const run = () => once('job', '--key', 'kept', '--keep', '1', '--', 'echo', 'ran').ended;
    assert.equal((await run()).stdout, 'ran\n');
    const kept = '/v2/keys/_conclave/once/job/kept';
    await until(async () => (await real.get('node1', kept)).status === 404, 'it is forgotten');
    assert.equal((await run()).stdout, 'ran\n');
  });
});

test('conclave once runs the command once on three machines whose clocks are 30 s apart', async (context) => {
  const race = await OnceRace.start();
  if (typeof race === 'string') {
    return context.skip(`needs root, iproute2, nftables and faketime: ${race}`);
  }
  await using _ended = race;
  const [behind = 0, same = 0, ahead = 0] = race.clocksAheadSeconds();
  assert.ok(same - behind > 20 && ahead - same > 20, `ahead by ${behind}, ${same}, ${ahead} s`);
  assert.deepEqual(await race.run('key', 6), []);
});
