import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { SnapshotSource } from '../../../src/store/snapshot/snapshot-source.js';
import { StateMachine } from '../../../src/store/state-machine.js';
import { remove, set } from '../commands.js';
import { Actor, anyBounds, anyStep, type Step } from '../history.js';
import { Log } from '../log.js';
import { rest, restored } from '../snapshots.js';

/** None at all, far too few, and as many as a member looks at. */
const sweeps = fc.constantFrom(0, 1, 128);

/** A snapshot that is being read while the log grows. */
class Reading {
  readonly #log: Log;
  readonly #hash: string;
  readonly #entries: number;
  readonly #source: SnapshotSource;
  readonly #chunks: Uint8Array[] = [];

  constructor(log: Log) {
    this.#log = log;
    this.#hash = log.machine.stateHash();
    this.#entries = log.entries.length;
    this.#source = log.machine.snapshot();
  }

  /** Whether there may be more of it. */
  read(maxBytes: number): boolean {
    const chunk = this.#source.next(maxBytes);
    if (chunk !== undefined) this.#chunks.push(chunk);
    return chunk !== undefined;
  }

  /** A replica that restores it is as the log was then, and comes to where the log is now. */
  check(twin: StateMachine): void {
    this.#chunks.push(...rest(this.#source));
    restored(this.#chunks, 0, twin);
    assert.equal(twin.stateHash(), this.#hash);
    for (const entry of this.#log.entries.slice(this.#entries)) twin.apply(entry, 0);
    assert.equal(twin.stateHash(), this.#log.machine.stateHash());
  }
}

/** TTLs that come, and go with the directory around them. */
const key = fc.constantFrom('/d/a', '/d/e/a', '/d/e/b');
const comingAndGoing: fc.Arbitrary<Step> = fc
  .oneof(
    key.map((path) => set(path, 'x', { ttlMs: 200 })),
    fc.constantFrom('/d', '/d/e').map((path) => remove(path, { recursive: true })),
  )
  .map((command) => ({ type: 'command', command, member: undefined }));
const anyDoing = fc.oneof(
  { weight: 2, arbitrary: anyStep },
  { weight: 1, arbitrary: comingAndGoing },
);

const doing = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('step' as const), step: anyDoing }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('begin' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('read' as const),
      bytes: fc.integer({ min: 1, max: 400 }),
    }),
  },
);

const doings = fc.array(doing, { maxLength: 160, size: 'max' });

test('whatever goes on while it is read, a snapshot restores the state at its start', () => {
  fc.assert(
    fc.property(doings, sweeps, sweeps, anyBounds, (all, sweepMax, twinSweepMax, bounds) => {
      const actor = new Actor(new Log(new StateMachine({ sweepMax, ...bounds })));
      const read: Reading[] = [];
      let reading: Reading | undefined;
      for (const each of all) {
        if (each.type === 'step') {
          actor.act(each.step);
        } else if (each.type === 'begin') {
          reading ??= new Reading(actor.log);
        } else if (reading?.read(each.bytes) === false) {
          read.push(reading);
          reading = undefined;
        }
      }
      if (reading !== undefined) read.push(reading);
      for (const each of read) {
        each.check(new StateMachine({ sweepMax: twinSweepMax, ...bounds }));
      }
    }),
    { numRuns: 1000 },
  );
});
