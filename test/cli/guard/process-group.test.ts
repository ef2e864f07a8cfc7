import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { groupLives } from '../../../src/cli/guard/process-group.js';
import { until } from '../../cluster/until.js';

/** Kills what was started, when the test ends. */
function startFor(context: TestContext, script: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  return child;
}

/** A group whose only process has ended, and is never asked for its exit code. */
async function zombieGroup(context: TestContext): Promise<number> {
  const parent = startFor(
    context,
    `const { spawn } = require('node:child_process');
     const child = spawn('true', { detached: true });
     require('node:fs').writeSync(1, String(child.pid));
     Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  );
  const [pid] = await once(parent.stdout ?? parent, 'data');
  const isZombie = () => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  await until(isZombie, 'it is a zombie');
  return Number(pid);
}

/** As for the processes of another user. */
function forbidSignals(context: TestContext): void {
  context.mock.method(process, 'kill', () => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
}

/** The kernel gives no process such a number. */
const hidden = 2 ** 22 + 1;

const skip = process.platform !== 'linux' && 'only Linux has /proc';

describe('a process group', { skip }, () => {
  test('lives as long as one of its processes', async () => {
    const child = spawn('sleep', ['60'], { detached: true });
    const group = child.pid ?? 0;
    assert.equal(groupLives(group), true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(groupLives(group), false);
  });

  test('of zombies does not live, whoever they belong to', async (context) => {
    const group = await zombieGroup(context);
    assert.equal(groupLives(group), false);
    forbidSignals(context);
    assert.equal(groupLives(group), false);
  });

  test('lives when it may not be signalled, though /proc hides its processes', (context) => {
    assert.equal(groupLives(hidden), false);
    forbidSignals(context);
    assert.equal(groupLives(hidden), true);
  });
});
