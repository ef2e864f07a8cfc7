import assert from 'node:assert/strict';
import test from 'node:test';
import { resultsMax } from '../../../src/store/sessions/remembered-results.js';
import { acquire, cancelAcquire, createInOrder, register, remove, set } from '../commands.js';
import { entryOf, errorOf, eventOf, Log, memberA, memberB, outcomeOf } from '../log.js';

function origin(sequence: number, settledBelow = 1, boot = 1) {
  return { memberId: memberA, boot, sequence, settledBelow };
}

test('a command that comes twice has one effect and one result', () => {
  const log = Log.empty();
  const first = log.apply(createInOrder('/q', 'x'), origin(1));
  log.apply(set('/other', 'x'), origin(2));
  const again = log.apply(createInOrder('/q', 'x'), origin(1));
  assert.deepEqual(again, first);
  assert.equal(log.machine.etcdIndex, 2);
});

test('an acquire that comes twice takes one queue entry', () => {
  const log = Log.empty();
  log.apply(acquire('job', ''), origin(1));
  const first = entryOf(log.apply(acquire('job', ''), origin(2)));
  const again = entryOf(log.apply(acquire('job', ''), origin(2)));
  assert.deepEqual(again, first);
  assert.equal(log.machine.locks.queue('lock', 'job').length, 2);
});

test('a failure is remembered like a success', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x'));
  const failed = errorOf(log.apply(remove('/b'), origin(1)));
  log.apply(set('/b', 'x'));
  const again = log.apply(remove('/b'), origin(1));
  assert.deepEqual(errorOf(again), failed);
});

test('sequences are told apart by member', () => {
  const log = Log.empty();
  log.from(memberA, set('/a', 'x'));
  log.from(memberB, set('/b', 'x'));
  assert.equal(log.machine.etcdIndex, 2);
});

test('commands may come in any order', () => {
  const log = Log.empty();
  eventOf(log.apply(set('/a', '3'), origin(3)));
  eventOf(log.apply(set('/a', '1'), origin(1)));
  eventOf(log.apply(set('/a', '2'), origin(2)));
  assert.equal(log.machine.etcdIndex, 3);
});

test('what was settled is forgotten, and has no effect any more', () => {
  const log = Log.empty();
  log.apply(set('/a', '1'), origin(1));
  log.apply(set('/a', '2'), origin(2));
  log.apply(set('/a', '4'), origin(4, 3));
  assert.equal(log.machine.members.resultOf(memberA, 1, 1), undefined);
  assert.equal(log.machine.members.resultOf(memberA, 1, 4)?.type, 'event');
  for (const sequence of [1, 2]) {
    const error = errorOf(log.apply(set('/a', 'again'), origin(sequence)));
    assert.equal(error.errorCode, 300);
    assert.match(error.cause, /settled/);
  }
  assert.equal(log.machine.etcdIndex, 3);
  eventOf(log.apply(set('/a', '3'), origin(3)));
});

test('a leap in what is settled costs no more than what is remembered', () => {
  const log = Log.empty();
  log.apply(set('/a', '1'), origin(1));
  log.apply(set('/a', '2'), origin(2 ** 53 - 1, 2 ** 53 - 2));
  assert.equal(log.machine.members.resultOf(memberA, 1, 1), undefined);
  assert.equal(log.machine.etcdIndex, 2);
});

test('no more results than the limit are remembered, and what is forgotten is not done twice', () => {
  const log = Log.empty();
  for (let sequence = 1; sequence <= resultsMax + 10; sequence += 1) {
    log.apply({ type: 'keepAlive' }, origin(sequence));
  }
  assert.equal(log.machine.members.resultOf(memberA, 1, 10), undefined);
  assert.equal(log.machine.members.resultOf(memberA, 1, 11)?.type, 'done');
  errorOf(log.apply(set('/a', 'x'), origin(5)));
  assert.equal(log.machine.etcdIndex, 0);
});

test('a later boot counts its commands anew, and voids those of the earlier one', () => {
  const log = Log.empty();
  log.apply(set('/a', '1'), origin(1));
  eventOf(log.apply(set('/a', '2'), origin(1, 1, 2)));
  const error = errorOf(log.apply(set('/a', '3'), origin(2, 1, 1)));
  assert.match(error.cause, /started anew/);
  assert.equal(log.machine.etcdIndex, 2);
  assert.equal(log.machine.members.resultOf(memberA, 1, 1), undefined);
  assert.equal(log.machine.members.resultOf(memberA, 2, 1)?.type, 'event');
});

test('what waited through an earlier boot leaves all queues, newest first; what holds stays', () => {
  const log = Log.empty();
  log.from(memberA, acquire('held', 'a'));
  for (const name of ['x', 'y']) log.from(memberB, acquire(name, 'b'));
  for (const name of ['y', 'x', 'held']) log.from(memberA, acquire(name, 'w'));
  log.from(memberA, acquire('x', 'shared'));
  log.from(memberB, acquire('x', 'shared'));
  const left: string[] = [];
  log.machine.keys.watch({
    path: '/_etcd/mod/lock',
    recursive: true,
    stream: true,
    sinceIndex: 0,
    onEvent: ({ action, node }) => left.push(`${action} ${node.key.slice(16)}`),
    onCleared: () => undefined,
  });
  log.from(memberA, register('disk'), 2);
  const key = (index: number) => String(index).padStart(20, '0');
  assert.deepEqual(left, [`delete held/${key(6)}`, `delete x/${key(5)}`, `delete y/${key(4)}`]);
  assert.equal(log.machine.locks.holder('lock', 'held')?.value, 'a');
  assert.deepEqual(
    log.machine.locks.queue('lock', 'x').map(({ value }) => value),
    ['b', 'shared'],
  );
});

test('queue entries leave in the reverse order of their indexes, not in that of the requests', () => {
  const log = Log.empty();
  for (const name of ['x', 'y']) log.apply(acquire(name, 'held'));
  const first = log.from(memberB, acquire('x', 'shared'));
  log.from(memberA, acquire('x', 'shared'));
  log.from(memberA, acquire('y', 'own'));
  log.from(memberB, cancelAcquire('x', 3, first.sequence));
  const left: (number | undefined)[] = [];
  log.machine.keys.watch({
    path: '/_etcd/mod/lock',
    recursive: true,
    stream: true,
    sinceIndex: 0,
    onEvent: ({ node }) => left.push(node.createdIndex),
    onCleared: () => undefined,
  });
  log.from(memberA, register('disk'), 2);
  assert.deepEqual(left, [4, 3]);
});

test('a member is known by what it said of itself last', () => {
  const log = Log.empty();
  log.from(memberB, register('disk-b'));
  log.from(memberA, register('disk-a'));
  log.from(memberA, { ...register('disk-a'), name: 'renamed' }, 2);
  assert.deepEqual(
    log.machine.members
      .registered()
      .map(({ memberId, name, incarnation }) => [memberId, name, incarnation]),
    [
      [memberA, 'renamed', 'disk-a'],
      [memberB, 'one', 'disk-b'],
    ],
  );
});

test('a member with another disk is refused, by whatever boot, and changes nothing', () => {
  const log = Log.empty();
  log.from(memberA, register('disk'), 5);
  log.apply(acquire('job', 'a'));
  log.from(memberA, acquire('job', 'w'), 5);
  for (const boot of [1, 5, 6]) {
    const error = errorOf(log.from(memberA, register('other disk'), boot).result);
    assert.equal(error.errorCode, 300);
    assert.match(error.cause, /another incarnation/);
  }
  assert.equal(log.machine.members.registered()[0]?.incarnation, 'disk');
  assert.equal(log.machine.locks.queue('lock', 'job').length, 2);
});

test('an entry without a command moves the log on, and nothing else', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x'));
  log.term = 3;
  assert.equal(log.appendEntry('noop', new Uint8Array(0)), undefined);
  assert.equal(log.appendEntry('configuration', new Uint8Array([1, 2])), undefined);
  assert.deepEqual([log.machine.appliedIndex, log.machine.appliedTerm], [3, 3]);
  assert.equal(log.machine.etcdIndex, 1);
});

test('a malformed entry is skipped by everybody alike', () => {
  const log = Log.empty();
  const { result } = outcomeOf(log.appendEntry('command', new Uint8Array([1, 2, 3])));
  assert.equal(errorOf(result).errorCode, 300);
  assert.equal(log.machine.appliedIndex, 1);
});

test('an entry of a newer release stops the member before it is applied', () => {
  const log = Log.empty();
  assert.throws(() => log.appendEntry('command', new Uint8Array([9])), {
    name: 'NewerFormatError',
  });
  assert.equal(log.machine.appliedIndex, 0);
});

test('an entry out of turn stops the member', () => {
  const log = Log.empty();
  log.apply(set('/a', 'x'));
  const entry = log.entries[0];
  assert.ok(entry);
  assert.throws(() => log.machine.apply(entry, 0), { name: 'AssertionError' });
});
