import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { StateMachine } from '../../src/store/state-machine.js';
import {
  acquire,
  cancelAcquire,
  compareAndDelete,
  compareAndSwap,
  create,
  createInOrder,
  makeDir,
  register,
  release,
  remove,
  renew,
  set,
  update,
} from './commands.js';
import { Log, memberA, memberB } from './log.js';
import { rest } from './snapshots.js';

/** Everything that a snapshot has a record for, and every command. */
function scriptedLog(): Log {
  // The requests of an ended boot are left in their queues.
  const log = new Log(new StateMachine({ leftBehindMax: 0 }));
  log.clusterTimeMs = 1000;
  log.from(memberA, register('disk a'));
  log.from(memberB, register('disk b'));
  log.from(memberA, makeDir('/dir', 60_000));
  log.from(memberA, set('/dir/key', 'välue', { ttlMs: 5000 }));
  log.from(memberB, create('/dir/deep/key', 'x'.repeat(300)));
  log.from(memberB, createInOrder('/queue', 'first'));
  log.from(memberA, update('/dir/key', 'other', { ttlMs: 7000 }));
  log.from(memberA, update('/dir/key', '', { ttlMs: 8000, refresh: true }));
  log.from(memberA, compareAndSwap('/dir/deep/key', 'y', { prevIndex: 3 }));
  log.from(memberA, compareAndSwap('/dir/deep/key', 'y', { prevValue: 'no' }));
  log.from(memberB, set('/gone', 'soon'));
  log.from(memberB, compareAndDelete('/gone', { prevValue: 'soon' }));
  log.from(memberB, set('/gone/too', 'soon'));
  log.from(memberB, remove('/gone', { recursive: true }));
  log.clusterTimeMs = 1500;
  lockCommands(log);
  log.clusterTimeMs = 9000;
  log.now = 8000;
  for (const due of log.machine.time.expired(log.now, log.machine.appliedTerm, 100)) log.apply(due);
  log.apply({ type: 'advanceClock' });
  log.from(memberB, { type: 'keepAlive' });
  return log;
}

function lockCommands(log: Log): void {
  log.from(memberA, acquire('job', 'holder', { ttlMs: 90_000 }));
  log.from(memberA, acquire('job', 'waiter', { ttlMs: 2000 }));
  log.from(memberB, acquire('job', 'waiter', { ttlMs: 3000, holdsConnection: true }));
  log.from(memberB, acquire('job/sub', 'one', { limit: 2, ttlMs: 90_000 }));
  log.from(memberB, acquire('job/sub', 'two', { limit: 2, ttlMs: 90_000 }));
  log.from(memberB, acquire('read', 'r1', { mode: 'shared', holdsConnection: true }));
  log.from(memberA, acquire('read', 'r2', { mode: 'shared', ttlMs: 90_000 }));
  log.from(memberA, acquire('boss', 'me', { space: 'leader', ttlMs: 90_000 }));
  log.from(memberA, renew('boss', { space: 'leader', value: 'me', ttlMs: 80_000 }));
  log.from(memberA, acquire('brief', '', { ttlMs: 90_000 }));
  log.from(memberA, release('brief', { index: log.machine.etcdIndex }));
  const { sequence } = log.from(memberA, acquire('job', 'leaves', { ttlMs: 90_000 }));
  log.from(memberA, cancelAcquire('job', log.machine.etcdIndex, sequence));
  log.from(memberA, acquire('job', 'left behind', { ttlMs: 90_000 }));
  log.from(memberA, register('disk a'), 2);
  log.from(memberA, acquire('job', 'late', { ttlMs: 90_000 }), 2);
  log.from(memberA, set('/dir', 'not a file'), 2);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('the log, the state and the snapshot of a script are what they always were', () => {
  const log = scriptedLog();
  const commands = Buffer.concat(log.entries.map(({ data }) => data));
  assert.deepEqual(
    {
      commands: sha256(commands),
      state: log.machine.stateHash(),
      snapshot: sha256(Buffer.concat(rest(log.machine.snapshot()))),
    },
    {
      commands: '772248beb6515ddb4f3810bcff5da2dbffa93ff8e6031c9ccb6e6c5d755750d5',
      state: '6c35a4bd09df1683',
      snapshot: 'e223fc0e02f311a54ae6adaff88eff9b3891416f9bf6f9cede7e526093a99a5c',
    },
  );
});
