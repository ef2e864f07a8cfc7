import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { logIndex } from '../../src/ids.js';
import type { Entry, HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import type { Storage } from '../../src/storage/storage.js';
import {
  chunksOf,
  entries,
  hardState,
  metadata,
  plain,
  readAll,
  storeSnapshot,
  writeOf,
} from './samples.js';
import { begin, type MakeDisk, type Session } from './session.js';

/**
 * What a storage ought to hold: a log from 1 on, of which any part that a snapshot covers may be
 * missing.
 */
class Model {
  log: Entry[] = [];
  /** The snapshot that the log begins with, and how far it reaches. */
  base = 0;
  baseTerm = 0;
  inTerm = 1;
  commit = 0;
  snapshot: SnapshotMetadata | undefined;

  get last(): number {
    return this.base + this.log.length;
  }

  get hardState(): HardState {
    return hardState(this.inTerm, this.commit);
  }

  termAt(index: number): number {
    return this.log[index - this.base - 1]?.term ?? this.baseTerm;
  }

  keepUpTo(index: number): void {
    this.log.length = index - this.base;
  }
}

type Step =
  | readonly ['append', number]
  | readonly ['replace', number, number]
  | readonly ['commit', number]
  | readonly ['takeSnapshot']
  | readonly ['compact', number]
  | readonly ['install', number, number]
  | readonly ['restart'];

async function perform(
  [step, one = 0, two = 0]: Step,
  model: Model,
  session: Session,
): Promise<void> {
  switch (step) {
    case 'append':
      return append(model, session.storage, one);
    case 'replace':
      // A new leader's entries replace some that were not committed.
      model.inTerm += 1;
      model.keepUpTo(Math.max(model.commit, model.base, model.last - one));
      return append(model, session.storage, two);
    case 'commit':
      model.commit += Math.floor((model.last - model.commit) * one);
      return session.storage.write(writeOf(model.hardState));
    case 'takeSnapshot':
      if (model.commit <= (model.snapshot?.lastIncludedIndex ?? 0)) return;
      model.snapshot = metadata(model.commit, model.termAt(model.commit));
      return storeSnapshot(session.storage, model.snapshot);
    case 'compact':
      return session.storage.compact(
        logIndex(Math.floor((model.snapshot?.lastIncludedIndex ?? 0) * one)),
      );
    case 'install':
      return install(model, session.storage, one, two);
    case 'restart':
      return assertHolds(await session.reopen(), model);
  }
}

async function append(model: Model, storage: Storage, count: number): Promise<void> {
  const added = entries(model.last + 1, model.last + count, model.inTerm);
  model.log.push(...added);
  await storage.write(writeOf(model.hardState, added));
}

/** A snapshot replaces the log, and some entries come with it. */
async function install(
  model: Model,
  storage: Storage,
  ahead: number,
  count: number,
): Promise<void> {
  model.inTerm += 1;
  const base = Math.max(model.commit, model.last - 5) + ahead;
  model.snapshot = metadata(base, model.inTerm);
  await storeSnapshot(storage, model.snapshot);
  model.base = base;
  model.baseTerm = model.inTerm;
  model.commit = base;
  model.log = entries(base + 1, base + count, model.inTerm);
  await storage.write(writeOf(model.hardState, model.log, model.snapshot));
}

async function assertHolds(storage: Storage, model: Model): Promise<void> {
  const { start } = storage;
  assert.deepEqual(start.hardState, model.hardState);
  assert.deepEqual(start.snapshot, model.snapshot);
  const first = start.entries[0]?.index ?? model.last + 1;
  assert.ok(first <= (model.snapshot?.lastIncludedIndex ?? 0) + 1, `begins at ${first}`);
  assert.deepEqual(plain(start.entries), plain(model.log.slice(first - model.base - 1)));
  if (model.snapshot === undefined) return;
  const reader = storage.openSnapshot() ?? assert.fail();
  assert.deepEqual(await readAll(reader.chunks()), chunksOf(model.snapshot));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const few = fc.integer({ min: 1, max: 6 });

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('append'), few) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('replace'), fc.nat({ max: 12 }), few) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('commit'), share) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('takeSnapshot')) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('compact'), share) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('install'), few, fc.nat({ max: 3 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('restart')) },
);

export function modelClaims(makeDisk: MakeDisk): void {
  it('whatever is written, the next start finds', async (test) => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (history) => {
        const session = await begin(test, makeDisk);
        const model = new Model();
        await perform(['append', 1], model, session);
        for (const step of history) await perform(step, model, session);
        await perform(['restart'], model, session);
        await session.storage.close();
      }),
      { numRuns: 25 },
    );
  });
}
