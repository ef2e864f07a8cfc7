import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultOptions } from '../../../src/store/options.js';
import { acquire, cancelAcquire, register } from '../commands.js';
import { Log, memberA, memberB } from '../log.js';

/** Requests that wait through one member when it starts anew. */
const waiters = 30_000;
const applyMsMax = 10;
const rounds = 3;

interface Cost {
  /** Milliseconds of the apply that ends the boot. */
  readonly first: number;
  /** Of that one and of all that go on with it. */
  readonly all: readonly number[];
}

function costOfBootEnd(ask: (log: Log, nth: number) => void): Cost {
  const log = Log.empty();
  log.from(memberB, acquire('job', 'held'));
  for (let nth = 0; nth < waiters; nth += 1) ask(log, nth);
  const all: number[] = [];
  const timed = (apply: () => unknown) => {
    const index = log.machine.etcdIndex;
    const start = performance.now();
    apply();
    all.push(performance.now() - start);
    assert.ok(log.machine.etcdIndex - index <= defaultOptions.leftBehindMax);
  };
  timed(() => log.from(memberA, register('disk'), 2));
  for (;;) {
    const [command] = log.machine.time.expired(log.now, log.machine.appliedTerm, 1);
    if (command === undefined) break;
    timed(() => log.apply(command));
  }
  assert.equal(log.machine.locks.queueSize('lock', 'job').waiting, 0);
  return { first: all[0] ?? 0, all };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.POSITIVE_INFINITY;
}

function assertQuick(ask: (log: Log, nth: number) => void): void {
  const costs = Array.from({ length: rounds }, () => costOfBootEnd(ask));
  const first = Math.min(...costs.map((cost) => cost.first));
  const later = median(costs.flatMap(({ all }) => all));
  const applies = costs[0]?.all.length;
  console.log(
    `${first.toFixed(1)} ms for the first of ${applies} applies, then ${later.toFixed(1)}`,
  );
  assert.ok(first < applyMsMax && later < applyMsMax, `${first} and ${later} ms`);
}

test('no apply takes long when the member starts anew through which 30 000 wait on one value', () => {
  assertQuick((log) => log.from(memberA, acquire('job', 'shared')));
});

test('no apply takes long when the member starts anew through which 30 000 values wait', () => {
  assertQuick((log, nth) => log.from(memberA, acquire('job', `value ${nth}`)));
});

test('no apply takes long when the member starts anew through which some share and some do not', () => {
  assertQuick((log, nth) => log.from(memberA, acquire('job', `value ${nth % (waiters / 2)}`)));
});

test('no apply takes long when the member starts anew through which 30 000 readers hold', () => {
  assertQuick((log, nth) => {
    const value = `value ${nth}`;
    log.from(memberA, acquire('read', value, { mode: 'shared', holdsConnection: nth % 2 === 0 }));
  });
});

test('30 000 requests leave one value one by one in a time that is linear in their number', () => {
  const log = Log.empty();
  log.apply(acquire('job', 'held'));
  const asked = Array.from({ length: waiters }, () => log.from(memberA, acquire('job', 'w')));
  const start = performance.now();
  for (const { sequence } of asked.toReversed())
    log.from(memberA, cancelAcquire('job', 2, sequence));
  const perCancel = (performance.now() - start) / waiters;
  console.log(`${(perCancel * 1000).toFixed(1)} µs for one to cancel`);
  assert.equal(log.machine.locks.queue('lock', 'job').length, 1);
  assert.ok(perCancel < 0.1, `${perCancel.toFixed(3)} ms`);
});
