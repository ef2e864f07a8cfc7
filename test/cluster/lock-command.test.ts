import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { ClientMachine } from './client-machine.js';
import { BeatingLock, beatingCommand, beatsIn, LockProcess, monotonicMs } from './lock-process.js';
import { assertEnded, play, refusalOf, sceneNames } from './lock-scenes.js';
import { RealCluster } from './real-cluster.js';
import { until } from './until.js';

describe('conclave lock', () => {
  let real: RealCluster;
  let machine: ClientMachine | string;
  let scratch: string;
  before(async () => {
    machine = await ClientMachine.start();
    real = await RealCluster.startFor(typeof machine === 'string' ? [] : [machine.gateway]);
    scratch = mkdtempSync(join(tmpdir(), 'conclave-lock-command-'));
  });
  after(async () => {
    await real[Symbol.asyncDispose]();
    if (typeof machine !== 'string') await machine[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]) => new LockProcess(real, args).ended;
  const holder = async (name: string) => {
    const answer = await real.get('node1', `/mod/v2/lock/${name}?field=index`);
    return await answer.text();
  };

  for (const name of sceneNames) {
    test(`has ended its command before somebody else holds, when ${name}`, async (context) => {
      const refusal = refusalOf(name, { real, machine });
      if (refusal !== undefined) return context.skip(refusal);
      const outcomes = await play({ real, machine }, name, 1);
      context.diagnostic(outcomes.map(({ gapMs }) => `${Math.round(gapMs)} ms`).join(', '));
      assertEnded(name, outcomes);
    });
  }

  test('tells its command about the lock, and ends with its exit code, and releases', async () => {
    const print = 'echo $CONCLAVE_LOCK_NAME $CONCLAVE_LOCK_INDEX $CONCLAVE_LOCK_VALUE';
    const script = `${print} $((CONCLAVE_LOCK_DEADLINE - $(date +%s))); exit 7`;
    const args = ['lock', 'told', '--ttl', '10', '--value', 'me', '--', 'sh', '-c', script];
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stderr], [7, '']);
    const [name, index, value, seconds] = stdout.trim().split(' ');
    assert.deepEqual([name, value], ['told', 'me']);
    assert.match(index ?? '', /^[1-9]\d*$/);
    assert.ok(Number(seconds) >= 7 && Number(seconds) <= 9, `${seconds} s are left`);
    assert.equal(await holder('told'), '', 'it is released');
  });

  test('keeps the lock for longer than its TTL, passes signals on, and releases', async () => {
    const file = join(scratch, 'long');
    const lock = new BeatingLock(real, ['long', '--ttl', '2'], { file });
    const { env } = await lock.begins();
    await until(
      () => (lock.beats().at(-1) ?? 0) - (lock.beats()[0] ?? 0) > 5000,
      'it runs on',
      20_000,
    );
    assert.equal(await holder('long'), env['CONCLAVE_LOCK_INDEX']);
    lock.signal('SIGTERM');
    const { code, stderr } = await lock.ended;
    assert.deepEqual([code, stderr], [143, '']);
    assert.equal(await holder('long'), '');
  });

  test('lets a command decide what a signal means', async () => {
    const script = 'trap "echo told; exit 5" USR2; echo ready; while :; do sleep 0.1; done';
    const lock = new LockProcess(real, ['lock', 'trap', '--', 'sh', '-c', script]);
    lock.process.stdout?.once('data', () => lock.signal('SIGUSR2'));
    const { code, stdout } = await lock.ended;
    assert.deepEqual([code, stdout], [5, 'ready\ntold\n']);
  });

  /** Begins a command that says when it is told to end, and strikes. */
  const toldToEnd = async (
    name: string,
    ttl: string,
    strike: (lock: LockProcess, guard: number) => unknown,
  ) => {
    const script = 'trap "echo cleaned; exit 0" TERM; echo $PPID; while :; do sleep 0.05; done';
    const args = ['lock', name, '--verbose', '--ttl', ttl, '--', 'sh', '-c', script];
    const lock = new LockProcess(real, args);
    let output = '';
    let told = '';
    lock.process.stderr?.on('data', (text: string) => {
      told += text;
    });
    lock.process.stdout?.on('data', (text: string) => {
      output += text;
    });
    await until(() => output.endsWith('\n'), 'it runs', 30_000);
    await until(() => told.includes('runs as process group'), 'its group is known');
    strike(lock, Number(output));
    await until(() => output.endsWith('\ncleaned\n'), 'it cleans up');
    return lock;
  };

  test('lets its command clean up before the lock is lost, also while it is stopped itself', async () => {
    const stopped = await toldToEnd('stopped', '3', (lock) => lock.signal('SIGSTOP'));
    stopped.signal('SIGCONT');
    assert.equal((await stopped.ended).code, 74);
  });

  test('that is killed does not leave its command to the end of a long TTL', async () => {
    const killed = await toldToEnd('killed', '600', (lock) => lock.signal('SIGKILL'));
    assert.equal((await killed.ended).signal, 'SIGKILL');
  });

  test('lets its command clean up when the guard is killed, and releases', async () => {
    const strike = (_: LockProcess, guard: number) => process.kill(guard, 'SIGKILL');
    const unguarded = await toldToEnd('unguarded', '600', strike);
    assert.equal((await unguarded.ended).code, 74);
    assert.equal(await holder('unguarded'), '');
  });

  test('ends what its command leaves behind before it releases', async () => {
    const file = join(scratch, 'left');
    const script = `'${process.execPath}' '${beatingCommand}' '${file}' stubborn &
      while [ ! -s '${file}' ]; do sleep 0.05; done; exit 3`;
    const { code } = await run('lock', 'left', '--kill-after', '300ms', '--', 'sh', '-c', script);
    const endedAt = monotonicMs();
    assert.equal(code, 3);
    assert.equal(await holder('left'), '');
    const beats = beatsIn(file);
    assert.ok(beats.length > 50 && (beats.at(-1) ?? Number.NaN) < endedAt);
  });

  test('without a command prints the index, and leaves the lock to its TTL or to unlock', async () => {
    const { code, stdout } = await run('lock', 'plain', '--ttl', '60');
    assert.equal(code, 0);
    const index = stdout.trim();
    assert.equal(await holder('plain'), index);
    const taken = await run('lock', 'plain', '--try', '--', 'true');
    assert.equal(taken.code, 75);
    assert.equal(taken.stderr, 'conclave: plain: lock "plain" is not free\n');
    assert.equal((await run('unlock', 'plain', '--index', index)).code, 0);
    const again = await run('unlock', 'plain', '--index', index);
    assert.deepEqual([again.code, again.stderr], [1, 'conclave: plain has no such place\n']);
  });

  test('leaves the queue when a signal ends its wait', async () => {
    const index = (await run('lock', 'queue', '--ttl', '60')).stdout.trim();
    const waiting = new LockProcess(real, ['lock', 'queue', '--', 'true']);
    const queue = async () => {
      const headers = { Accept: 'application/json' };
      const answer = await fetch(real.url('node2', '/mod/v2/lock/queue'), { headers });
      return ((await answer.json()) as { readonly queue: readonly object[] }).queue.length;
    };
    await until(async () => (await queue()) === 1, 'it waits');
    waiting.signal('SIGINT');
    const { code, stderr } = await waiting.ended;
    assert.deepEqual([code, stderr], [130, 'conclave: queue: stopped by SIGINT\n']);
    assert.equal(await queue(), 0);
    await run('unlock', 'queue', '--index', index);
  });

  test('is shared, or has a limit, as it is told', async () => {
    const shared = ['--ttl', '60', '--try', '--shared'];
    assert.equal((await run('lock', 'book', ...shared)).code, 0);
    assert.equal((await run('lock', 'book', ...shared, '--', 'true')).code, 0);
    assert.equal((await run('lock', 'book', '--try', '--', 'true')).code, 75);
    const limited = ['--ttl', '60', '--try', '--limit', '2'];
    assert.equal((await run('lock', 'pool', ...limited)).code, 0);
    assert.equal((await run('lock', 'pool', ...limited, '--', 'true')).code, 0);
    const other = await run('lock', 'pool', '--try', '--limit', '3', '--', 'true');
    assert.deepEqual([other.code, /limit 2/.test(other.stderr)], [1, true]);
  });

  test('runs --on-acquire before its command, and not the command when that fails', async () => {
    const hook = ['--on-acquire', 'cat; echo "hook $CONCLAVE_LOCK_NAME"'];
    const script = 'echo "command $CONCLAVE_LOCK_NAME"; exit 6';
    const both = await run('lock', 'hook', ...hook, '--', 'sh', '-c', script);
    assert.deepEqual([both.code, both.stdout], [6, 'hook hook\ncommand hook\n']);
    const failed = await run('lock', 'hook', '--on-acquire', 'exit 3', '--', 'echo', 'ran');
    const line = 'conclave: hook: --on-acquire ended with 3, so the command was not run\n';
    assert.deepEqual(failed, { code: 3, signal: null, stdout: '', stderr: line });
    assert.equal(await holder('hook'), '', 'it is released');
    const alone = await run('lock', 'hook', '--on-lost', 'true');
    const usage = 'conclave: --on-acquire and --on-lost need a command, after --\n';
    assert.deepEqual([alone.code, alone.stderr], [2, usage]);
  });

  test('runs --on-lost once, when its command was told to end, and still kills in time', async () => {
    const hook = 'echo "lost $CONCLAVE_LOCK_INDEX"; sleep 2; exit 9';
    // It goes on for a while after TERM, and is killed: the hook does not wait for that.
    const onTerm = 'trap "echo told; sleep 0.5; echo still" TERM';
    const script = `${onTerm}; echo $CONCLAVE_LOCK_INDEX; while :; do sleep 0.05; done`;
    const hooks = ['--ttl', '6', '--kill-after', '1s', '--on-lost', hook];
    const lock = new LockProcess(real, ['lock', 'gone', ...hooks, '--', 'sh', '-c', script]);
    const index = String(await once(lock.process.stdout ?? process.stdin, 'data')).trim();
    const removedAt = monotonicMs();
    assert.equal((await run('unlock', 'gone', '--index', index)).code, 0);
    const { code, stdout, stderr } = await lock.ended;
    const [first, ...others] = stdout.trimEnd().split('\n');
    // The command and the hook run side by side.
    const [last, ...together] = others.reverse();
    const told = [code, first, together.sort(), last];
    assert.deepEqual(told, [74, index, [`lost ${index}`, 'told'], 'still']);
    assert.match(stderr, /; the command was ended\nconclave: gone: --on-lost ended with 9\n$/);
    assert.ok(monotonicMs() - removedAt > 2000, 'it waits for the end of --on-lost');
  });

  test('does not run --on-lost when the lock was not lost', async () => {
    const { code, stdout } = await run('lock', 'kept', '--on-lost', 'echo lost', '--', 'true');
    assert.deepEqual([code, stdout], [0, '']);
  });

  test('that reaches no member ends with 69, and runs nothing', async () => {
    const [port = 0] = await freePorts(1);
    const args = ['lock', 'a', '--endpoints', `http://127.0.0.1:${port}`, '--timeout', '1'];
    const { code, stdout, stderr } = await run(...args, '--', 'echo', 'ran');
    assert.deepEqual([code, stdout], [69, '']);
    assert.match(stderr, /^conclave: a: no member was reached: nothing listens at /m);
  });

  test('that cannot run its command says so as a shell does, and releases', async () => {
    const missing = await run('lock', 'none', '--', 'no-such-command');
    const stderr = 'conclave: none: cannot run no-such-command: there is no such command\n';
    assert.deepEqual([missing.code, missing.stderr], [127, stderr]);
    const plain = await run('lock', 'none', '--', '/etc/passwd');
    const refusal = 'conclave: none: cannot run /etc/passwd: it is not executable\n';
    assert.deepEqual([plain.code, plain.stderr], [126, refusal]);
    assert.equal(await holder('none'), '');
  });
});
