import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { StateMachine } from '../../src/store/state-machine.js';
import { acquire, createInOrder, register, set } from './commands.js';
import { Actor, anyBounds, anyStep } from './history.js';
import { Log, memberA } from './log.js';

test('members that apply one log on different clocks have one state', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 100, size: 'max' }),
      fc.array(fc.nat(10_000), { minLength: 1, maxLength: 10 }),
      anyBounds,
      (steps, delays, bounds) => {
        const actor = new Actor(new Log(new StateMachine(bounds)));
        for (const step of steps) actor.act(step);
        const twin = new StateMachine({ ...bounds, sweepMax: delays.length % 3 });
        let now = 1_000_000;
        for (const [at, entry] of actor.log.entries.entries()) {
          now += delays[at % delays.length] ?? 0;
          twin.apply(entry, now);
          if (at % 7 === 0) twin.time.adjustDeadlines(now);
          if (at % 5 === 0) twin.time.expired(now, entry.term, 3);
        }
        assert.equal(twin.stateHash(), actor.log.machine.stateHash());
      },
    ),
    { numRuns: 300 },
  );
});

test('the hash tells states apart that differ in anything replicated', () => {
  const base = () => {
    const log = Log.empty();
    log.from(memberA, register('disk'));
    log.from(memberA, set('/a', 'x', { ttlMs: 1000 }));
    log.from(memberA, acquire('job', 'a'));
    log.from(memberA, acquire('job', 'b'));
    return log;
  };
  const origin = { memberId: memberA, boot: 1, sequence: 5, settledBelow: 1 };
  const stamp = { clusterTimeMs: 5, appliedIndex: 4 };
  const variants: readonly ((log: Log) => void)[] = [
    () => undefined,
    (log) => log.apply(set('/a', 'y')),
    (log) => log.apply(set('/a', 'x')),
    (log) => log.apply(set('/a', 'x', { ttlMs: 1000 })),
    (log) => log.apply(set('/a', 'x', { ttlMs: 1001 })),
    (log) => log.apply(createInOrder('/q', 'x')),
    (log) => log.apply({ type: 'advanceClock' }),
    (log) => log.apply({ type: 'keepAlive' }, origin),
    (log) => log.apply({ type: 'keepAlive' }, { ...origin, sequence: 6 }),
    (log) => log.apply({ type: 'keepAlive' }, { ...origin, settledBelow: 2 }),
    (log) => log.apply({ type: 'keepAlive' }, { ...origin, boot: 2, sequence: 1 }),
    (log) => log.apply(acquire('job', 'b'), origin),
    (log) => log.apply(acquire('job', 'c'), origin),
    (log) => log.apply(acquire('job', 'c', { mode: 'shared' }), origin),
    (log) => log.apply(acquire('new', 'c'), origin),
    (log) => log.apply(acquire('new', 'c', { mode: 'shared' }), origin),
    (log) => log.apply(acquire('new', 'c', { limit: 2 }), origin),
    (log) => log.apply(acquire('job', 'b', { ttlMs: 2000 }), origin),
    (log) => {
      log.clusterTimeMs = stamp.clusterTimeMs;
      log.apply({ type: 'advanceClock' });
    },
  ];
  const hashes = variants.map((change) => {
    const log = base();
    change(log);
    return log.machine.stateHash();
  });
  assert.equal(new Set(hashes).size, variants.length);
});
