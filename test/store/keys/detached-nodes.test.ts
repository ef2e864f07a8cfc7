import assert from 'node:assert/strict';
import test from 'node:test';
import { logIndex } from '../../../src/ids.js';
import { makeDir, remove, set } from '../commands.js';
import { Log } from '../log.js';
import { rest, restored } from '../snapshots.js';

/** More than one entry sweeps, so that the TTLs of a removed directory run on for a while. */
const manyKeys = 600;

/** A directory with a TTL in it whose start no stamp has told yet. */
function unstampedDirectory(ttlMs?: number): Log {
  const log = Log.empty();
  log.apply(makeDir('/d', ttlMs));
  for (let i = 0; i < manyKeys; i += 1) log.apply(set(`/d/e/${i}`, 'x'));
  log.lag = log.machine.appliedIndex;
  log.apply(set('/d/e/late', 'x', { ttlMs: 60_000 }));
  return log;
}

/**
 * The stamps catch up while the snapshot is read: what they tell is nothing to a removed directory.
 */
function assertUntouched(log: Log): void {
  const hash = log.machine.stateHash();
  const source = log.machine.snapshot();
  log.lag = 0;
  log.apply({ type: 'advanceClock' });
  assert.equal(restored(rest(source), 0).stateHash(), hash);
}

test('a removed directory stays out of a snapshot, though a stamp tells when a TTL in it began', () => {
  const log = unstampedDirectory();
  log.apply(remove('/d', { recursive: true }));
  assertUntouched(log);
});

test('an expired directory stays out of a snapshot, though a stamp tells when a TTL in it began', () => {
  const log = unstampedDirectory(50);
  log.now = 100;
  for (const command of log.machine.time.expired(log.now, log.machine.appliedTerm, 1)) {
    log.apply(command);
  }
  assertUntouched(log);
});

test('a directory that was removed and made again is in a snapshot once', () => {
  const log = unstampedDirectory();
  log.apply(remove('/d', { recursive: true }));
  log.apply(set('/d/e/late', 'again'));
  assertUntouched(log);
});

test('a directory that is removed while a snapshot is read is in it as it was', () => {
  const log = unstampedDirectory();
  const hash = log.machine.stateHash();
  const source = log.machine.snapshot();
  log.apply(remove('/d', { recursive: true }));
  log.lag = 0;
  log.apply({ type: 'advanceClock' });
  assert.equal(restored(rest(source), 0).stateHash(), hash);
});

test('the time that is known of a removed TTL is that of no other', () => {
  const log = unstampedDirectory();
  log.apply(remove('/d', { recursive: true }));
  log.apply(set('/d/e/late', 'again', { ttlMs: 60_000 }));
  const twin = new Log(restored(rest(log.machine.snapshot()), 0));
  for (const each of [log, twin]) {
    each.clusterTimeMs = 500;
    each.lag = 0;
    each.apply({ type: 'advanceClock' });
  }
  assert.equal(twin.machine.appliedIndex, logIndex(manyKeys + 5));
  assert.equal(twin.machine.stateHash(), log.machine.stateHash());
});
