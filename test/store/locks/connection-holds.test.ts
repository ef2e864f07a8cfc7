import assert from 'node:assert/strict';
import test from 'node:test';
import { acquire, cancelAcquire, register, release } from '../commands.js';
import { entryOf, Log, memberA, memberB } from '../log.js';
import { rest, restored } from '../snapshots.js';

const throughConnection = { holdsConnection: true };

function holderOf(log: Log): string | undefined {
  return log.machine.locks.holder('lock', 'job')?.value;
}

/** `a` holds because it asked plainly, and `b` waits. */
function heldPlainly(): Log {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'a'));
  log.from(memberB, acquire('job', 'b'));
  return log;
}

test('a lock that is held through a connection goes when that leaves', () => {
  const log = Log.empty();
  const { sequence } = log.from(memberA, acquire('job', 'a', throughConnection));
  log.from(memberB, acquire('job', 'b'));
  log.from(memberA, cancelAcquire('job', 1, sequence));
  assert.equal(holderOf(log), 'b');
});

test('a holder that is joined through a connection goes with that', () => {
  const log = heldPlainly();
  const joined = log.from(memberB, acquire('job', 'a', throughConnection));
  assert.deepEqual(entryOf(joined.result), { index: 1, holds: true });
  log.from(memberB, cancelAcquire('job', 1, joined.sequence));
  assert.equal(holderOf(log), 'b');
});

test('of several connections that hold one queue entry, the last to leave takes it away', () => {
  const log = heldPlainly();
  const one = log.from(memberA, acquire('job', 'a', throughConnection));
  const two = log.from(memberB, acquire('job', 'a', throughConnection));
  log.from(memberA, cancelAcquire('job', 1, one.sequence));
  assert.equal(holderOf(log), 'a');
  log.from(memberB, cancelAcquire('job', 1, two.sequence));
  assert.equal(holderOf(log), 'b');
});

test('who is told plainly that it holds keeps the lock, whatever connections leave', () => {
  const log = Log.empty();
  const connection = log.from(memberA, acquire('job', 'a', throughConnection));
  log.from(memberB, acquire('job', 'a'));
  log.from(memberA, cancelAcquire('job', 1, connection.sequence));
  assert.equal(holderOf(log), 'a');
});

test('of two who waited for one queue entry, the one with a connection does not take it from the other', () => {
  const log = heldPlainly();
  const connection = log.from(memberA, acquire('job', 'b', throughConnection));
  log.apply(release('job', { value: 'a' }));
  log.from(memberA, cancelAcquire('job', 2, connection.sequence));
  assert.equal(holderOf(log), 'b');
});

test('a lock that is held through a connection goes when the member of that starts anew', () => {
  const log = Log.empty();
  log.from(memberA, register('disk'));
  log.from(memberA, acquire('job', 'a', throughConnection));
  log.from(memberB, acquire('job', 'b'));
  log.from(memberA, register('disk'), 2);
  assert.equal(holderOf(log), 'b');
});

test('a lock that is held through connections to two members outlives one of them', () => {
  const log = Log.empty();
  log.from(memberA, register('disk'));
  log.from(memberA, acquire('job', 'a', throughConnection));
  const other = log.from(memberB, acquire('job', 'a', throughConnection));
  log.from(memberA, register('disk'), 2);
  assert.equal(holderOf(log), 'a');
  log.from(memberB, cancelAcquire('job', 1, other.sequence));
  assert.equal(holderOf(log), undefined);
});

test('who was told plainly keeps the lock when its member starts anew and a connection leaves', () => {
  const log = heldPlainly();
  log.from(memberB, register('disk'));
  const connection = log.from(memberA, acquire('job', 'b', throughConnection));
  log.apply(release('job', { value: 'a' }));
  log.from(memberB, register('disk'), 2);
  log.from(memberA, cancelAcquire('job', 2, connection.sequence));
  assert.equal(holderOf(log), 'b');
});

test('a snapshot of a queue entry that a plain request left, and a connection keeps, restores the same state', () => {
  const log = Log.empty();
  log.from(memberA, acquire('job', 'first'));
  const plain = log.from(memberA, acquire('job', 'b'));
  log.from(memberA, acquire('job', 'b', throughConnection));
  log.from(memberA, cancelAcquire('job', 2, plain.sequence));
  const copy = restored(rest(log.machine.snapshot()), 0);
  assert.equal(copy.stateHash(), log.machine.stateHash());
});
