import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultOptions } from '../../../src/store/options.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { acquire, compareAndSwap, set, update } from '../commands.js';
import { entryOf, errorOf, eventOf, Log, memberA, memberB } from '../log.js';
import { rest, restored } from '../snapshots.js';

const long = 1000;
const resultUnitsMax = 10 * long;

function value(nth: number): string {
  return String(nth).padStart(long, '.');
}

function smallLog(): Log {
  return new Log(new StateMachine({ resultUnitsMax }));
}

/** Each over the one before, so that an answer has two long values. */
function putMany(log: Log, puts: number): void {
  for (let nth = 1; nth <= puts; nth += 1) log.from(memberA, set('/k', value(nth)));
}

function answerOf(log: Log, sequence: number) {
  const answer = log.machine.members.resultOf(memberA, 1, sequence);
  assert.ok(answer);
  return answer;
}

function again(log: Log, sequence: number) {
  const origin = { memberId: memberA, boot: 1, sequence, settledBelow: 1 };
  return log.apply(set('/k', value(sequence)), origin);
}

test('of many long answers the newest are remembered', () => {
  const log = smallLog();
  putMany(log, 20);
  for (let sequence = 1; sequence <= 20; sequence += 1) {
    assert.equal(answerOf(log, sequence).type, sequence > 16 ? 'event' : 'error', `${sequence}`);
  }
});

test('a command whose answer was forgotten is not done twice, and says that it was done', () => {
  const log = smallLog();
  putMany(log, 20);
  const error = errorOf(again(log, 3));
  assert.deepEqual([error.errorCode, error.index], [300, 3]);
  assert.match(error.cause, /took effect/);
  assert.equal(log.machine.etcdIndex, 20);
  assert.equal(eventOf(again(log, 20)).node.value, value(20));
});

test('a command that comes late has its effect, however many long answers came before', () => {
  const log = smallLog();
  log.from(memberB, acquire('job', 'held'));
  for (let sequence = 2; sequence <= 40; sequence += 1) again(log, sequence);
  assert.equal(eventOf(again(log, 1)).node.value, value(1));
});

test('what is short is remembered, whatever is forgotten: a queue entry is never lost to who asked for it', () => {
  const log = smallLog();
  const { sequence } = log.from(memberA, acquire('job', 'a'));
  putMany(log, 20);
  assert.deepEqual(entryOf(answerOf(log, sequence)), { index: 1, holds: true });
});

test('a failure whose long cause was forgotten fails as it did', () => {
  const log = smallLog();
  log.from(memberA, set('/k', value(1)));
  const failed = log.from(memberA, compareAndSwap('/k', '', { prevValue: value(2) }));
  const { errorCode, index, cause } = errorOf(failed.result);
  assert.ok(cause.length > long);
  putMany(log, 20);
  assert.deepEqual(errorOf(answerOf(log, failed.sequence)), { errorCode, index, cause: '' });
});

test('values that a command only shows count as those that it writes', () => {
  const log = smallLog();
  log.from(memberB, set('/k', value(1)));
  for (let nth = 0; nth < 20; nth += 1) log.from(memberA, update('/k', '', { refresh: true }));
  assert.equal(answerOf(log, 16).type, 'error');
  assert.equal(answerOf(log, 17).type, 'event');
});

test('each member is remembered up to the bound, and settling makes room', () => {
  const log = smallLog();
  putMany(log, 20);
  log.apply({ type: 'keepAlive' }, { memberId: memberA, boot: 1, sequence: 21, settledBelow: 21 });
  for (let sequence = 22; sequence <= 26; sequence += 1) again(log, sequence);
  for (let sequence = 22; sequence <= 26; sequence += 1) {
    assert.equal(answerOf(log, sequence).type, sequence === 22 ? 'error' : 'event');
  }
});

test('a restored replica forgets the same answers as the others', () => {
  const log = smallLog();
  putMany(log, 13);
  const machine = new StateMachine({ resultUnitsMax });
  const twin = new Log(restored(rest(log.machine.snapshot()), 0, machine));
  for (let sequence = 14; sequence <= 20; sequence += 1) {
    for (const each of [log, twin]) again(each, sequence);
    assert.equal(twin.machine.stateHash(), log.machine.stateHash());
  }
});

test('unsettled writes over own values in 64 MiB of commands are remembered whole', () => {
  const MiB = 1024 * 1024;
  const log = Log.empty();
  for (let nth = 1; nth <= 64; nth += 1) log.from(memberA, set('/k', `${nth}`.padEnd(MiB, '.')));
  for (let sequence = 1; sequence <= 64; sequence += 1) {
    assert.equal(answerOf(log, sequence).type, 'event');
  }
});

test('a snapshot has no more of long answers than the bound', () => {
  const MiB = 1024 * 1024;
  const log = Log.empty();
  for (let nth = 1; nth <= 200; nth += 1) log.from(memberA, set('/k', `${nth}`.padEnd(MiB, '.')));
  const source = log.machine.snapshot();
  let bytes = 0;
  for (let chunk = source.next(MiB); chunk !== undefined; chunk = source.next(MiB)) {
    bytes += chunk.length;
  }
  const historyMiB = 64;
  assert.ok(bytes < defaultOptions.resultUnitsMax + (historyMiB + 2) * MiB, `${bytes} bytes`);
});
