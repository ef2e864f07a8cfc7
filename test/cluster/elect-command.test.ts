import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BeatingLock, LockProcess } from './lock-process.js';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

describe('conclave elect', () => {
  let real: RealCluster;
  let scratch: string;
  before(async () => {
    real = await RealCluster.start();
    scratch = mkdtempSync(join(tmpdir(), 'conclave-elect-command-'));
  });
  after(async () => {
    await real[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const elect = (...args: readonly string[]) => new LockProcess(real, ['elect', ...args]);
  const leader = async (name: string) => {
    const answer = await real.get('node2', `/mod/v2/leader/${name}`);
    return await answer.text();
  };

  test('tells its command about the election, ends with its exit code, and resigns', async () => {
    const script = 'echo $CONCLAVE_LOCK_NAME $CONCLAVE_LOCK_INDEX $CONCLAVE_LOCK_VALUE; exit 7';
    const { code, stdout, stderr } = await elect('told', 'me', '--', 'sh', '-c', script).ended;
    assert.deepEqual([code, stderr], [7, '']);
    assert.match(stdout, /^told [1-9]\d* me\n$/);
    assert.equal(await leader('told'), '', 'it has resigned');
  });

  test('has ended its command before another candidate leads, while it is stopped itself', async () => {
    const kind = 'elect';
    const files = ['first', 'second'].map((name) => join(scratch, name)) as [string, string];
    const short = ['--ttl', '2', '--kill-after', '200ms'];
    const first = new BeatingLock(real, ['job', 'ann', ...short], { file: files[0], kind });
    await first.begins();
    const second = new BeatingLock(real, ['job', 'bob', ...short], { file: files[1], kind });
    first.signal('SIGSTOP');
    const { env } = await second.begins();
    assert.equal(env['CONCLAVE_LOCK_VALUE'], 'bob');
    first.signal('SIGCONT');
    assert.equal((await first.ended).code, 74);
    const gapMs = (second.beats()[0] ?? Number.NaN) - (first.beats().at(-1) ?? Number.NaN);
    assert.ok(gapMs > 0, `${gapMs} ms between the two`);
    assert.equal(await leader('job'), 'bob');
    second.signal('SIGTERM');
    assert.equal((await second.ended).code, 143);
  });

  test('without a command prints the index, and leads until a signal comes', async () => {
    const leading = elect('plain', 'ann', '--ttl', '2');
    const [printed]: unknown[] = await once(leading.process.stdout ?? process.stdin, 'data');
    const index = await real.get('node1', '/mod/v2/leader/plain?field=index');
    assert.equal(printed, `${await index.text()}\n`);
    const startedAt = performance.now();
    const longer = async () => {
      assert.equal(await leader('plain'), 'ann');
      return performance.now() - startedAt > 3000;
    };
    await until(longer, 'it leads for longer than its TTL');
    leading.signal('SIGTERM');
    const { code, stderr } = await leading.ended;
    assert.deepEqual([code, stderr], [143, 'conclave: plain: stopped by SIGTERM\n']);
    assert.equal(await leader('plain'), '', 'it has resigned');
  });

  test('without a command ends with 74 when the leadership is lost', async () => {
    const leading = elect('gone', 'ann', '--ttl', '3');
    await once(leading.process.stdout ?? process.stdin, 'data');
    const url = real.url('node3', '/mod/v2/leader/gone?name=ann&force=true');
    assert.equal((await fetch(url, { method: 'DELETE' })).status, 200);
    const { code, stderr } = await leading.ended;
    assert.equal(code, 74);
    assert.match(stderr, /^conclave: gone: lost election "gone": place \d+ is gone\n$/);
  });

  test('does not wait with --try', async () => {
    const leading = elect('busy', 'ann');
    await once(leading.process.stdout ?? process.stdin, 'data');
    const tried = await elect('busy', 'bob', '--try', '--', 'echo', 'ran').ended;
    assert.deepEqual([tried.code, tried.stdout], [75, '']);
    leading.signal('SIGINT');
    assert.equal((await leading.ended).code, 130);
  });
});
