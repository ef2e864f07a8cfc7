import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BeatingLock, beatingCommand, beatsIn, LockProcess } from './lock-process.js';
import { asBuilt, RealCluster } from './real-cluster.js';
import { until } from './until.js';

const skip = process.platform !== 'linux' && 'only Linux has abstract sockets';

describe('calls with one value on one host', { skip }, () => {
  let real: RealCluster;
  let scratch: string;
  const started: LockProcess[] = [];
  before(async () => {
    real = await RealCluster.start();
    scratch = mkdtempSync(join(tmpdir(), 'conclave-one-value-'));
  });
  after(async () => {
    for (const each of started) each.signal('SIGKILL');
    await real[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const kinds = {
    lock: (name: string) => ['lock', name, '--value', 'ann'],
    elect: (name: string) => ['elect', name, 'ann'],
  };
  const run = (...args: readonly string[]) => {
    const each = new LockProcess(real, args);
    started.push(each);
    return each;
  };

  /** Its command ends only when it is killed. */
  const begun = async (kind: keyof typeof kinds, name: string) => {
    const [, ...args] = kinds[kind](name);
    const times = ['--ttl', '15', '--kill-after', '1s'];
    const file = join(scratch, `${name}-first`);
    const first = new BeatingLock(real, [...args, ...times], { kind, file, manner: 'stubborn' });
    started.push(first);
    const { env } = await first.begins();
    return { first, index: env['CONCLAVE_LOCK_INDEX'] };
  };

  /** Resolves when it has told that it waits. */
  const waits = async ({ process }: LockProcess) => {
    let told = '';
    process.stderr?.on('data', (text: string) => {
      told += text;
    });
    const line = 'waits for the command of another call with the value "ann"\n';
    await until(() => told.endsWith(line), 'it waits');
  };

  const beat = (file: string) => ['--', process.execPath, beatingCommand, file];
  const begins = async (file: string) => {
    await until(() => beatsIn(file).length > 0, 'the command runs');
    return beatsIn(file)[0] ?? Number.NaN;
  };

  for (const kind of ['lock', 'elect'] as const) {
    test(`${kind}: one after a killed one runs when the earlier command has ended`, async () => {
      const { first, index } = await begun(kind, `again-${kind}`);
      first.signal('SIGKILL');
      const file = join(scratch, `${kind}-second`);
      const second = run(...kinds[kind](`again-${kind}`), '--on-acquire', 'env >&2', ...beat(file));
      const beganAt = await begins(file);
      const endedAt = first.beats().at(-1) ?? Number.NaN;
      assert.ok(beganAt > endedAt, `${beganAt - endedAt} ms between the two`);
      second.signal('SIGTERM');
      const { code, stderr } = await second.ended;
      assert.equal(code, 143);
      assert.match(stderr, new RegExp(`^CONCLAVE_LOCK_INDEX=${index}$`, 'm'), 'its place is that');
    });

    test(`${kind}: a call within the command of another is refused at once`, async () => {
      const outer = kinds[kind](`nested-${kind}`);
      const between = ['lock', 'between', '--value', 'ann'];
      for (const within of [[], [...asBuilt, ...between, '--']]) {
        const nested = [...within, ...asBuilt, ...outer, '--timeout', '20', '--', 'echo', 'ran'];
        const { code, stdout, stderr } = await run(...outer, '--', ...nested).ended;
        const line = `conclave: this command holds nested-${kind} with the value "ann" already\n`;
        assert.deepEqual([code, stdout, stderr], [2, '', line]);
      }
    });
  }

  test('a lock and an election of one name do not wait for each other', async () => {
    const inner = [...asBuilt, ...kinds.elect('both'), '--', 'echo', 'ran'];
    const { code, stdout } = await run(...kinds.lock('both'), '--', ...inner).ended;
    assert.deepEqual([code, stdout], [0, 'ran\n']);
  });

  test('one that waits for its turn ends by a signal, or when its time is over', async () => {
    const { first } = await begun('lock', 'busy');
    const call = (...args: readonly string[]) =>
      run(...kinds.lock('busy'), ...args, '--', 'echo', 'ran');
    const tried = await call('--try').ended;
    const line = 'conclave: busy: the value "ann" on this host is not free\n';
    assert.deepEqual([tried.code, tried.stdout, tried.stderr], [75, '', line]);
    const late = await call('--timeout', '1').ended;
    assert.deepEqual([late.code, late.stdout], [75, '']);
    assert.match(late.stderr, /\n.* the value "ann" on this host was not free within 1 s\n$/);
    const stopped = call('--timeout', '60');
    await waits(stopped);
    stopped.signal('SIGTERM');
    const { code, stdout, stderr } = await stopped.ended;
    assert.deepEqual([code, stdout], [143, '']);
    assert.match(stderr, /\nconclave: busy: stopped by SIGTERM\n$/);
    first.signal('SIGKILL');
  });

  test('one that shares a lock waits for the command of --on-acquire, too', async () => {
    const file = join(scratch, 'hook');
    const hook = `exec '${process.execPath}' '${beatingCommand}' '${file}' stubborn`;
    const shared = [...kinds.lock('book'), '--shared'];
    const short = ['--ttl', '15', '--kill-after', '1s', '--on-acquire', hook];
    const first = run(...shared, ...short, '--', 'true');
    await begins(file);
    first.signal('SIGKILL');
    const next = join(scratch, 'after-hook');
    const second = run(...shared, ...beat(next));
    const beganAt = await begins(next);
    assert.ok(beganAt > (beatsIn(file).at(-1) ?? Number.NaN), 'no overlap');
    second.signal('SIGTERM');
    assert.equal((await second.ended).code, 143);
  });
});
