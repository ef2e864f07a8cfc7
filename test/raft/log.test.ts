import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logIndex, term } from '../../src/ids.js';
import { encodeConfiguration } from '../../src/raft/configuration.js';
import { entryBytes, Log } from '../../src/raft/log.js';
import { entriesFrom, entriesOf, snapshotOf } from './build.js';
import { configurationOf } from './peer.js';

const initial = configurationOf(['a', 'b', 'c'], []);

function logOf(...terms: readonly number[]): Log {
  return new Log(initial, undefined, entriesOf(terms));
}

test('an index has a term, or is compacted, or is not there: never zero for lack of a term', () => {
  const log = new Log(initial, snapshotOf(4, 2), entriesFrom(5, [2, 3]));
  const terms = [0, 3, 4, 5, 6, 7].map((index) => log.termAt(logIndex(index)));
  assert.deepEqual(terms, ['compacted', 'compacted', 2, 2, 3, 'unavailable']);
  assert.equal(logOf().termAt(logIndex(0)), 0, 'before the first entry of all there is term zero');
});

test('a log may begin before the end of its snapshot', () => {
  const log = new Log(initial, snapshotOf(4, 2), entriesFrom(3, [1, 2, 2]));
  assert.deepEqual([log.firstIndex, log.lastIndex], [3, 5]);
  assert.equal(log.termAt(logIndex(2)), 'compacted', 'its term is known to nobody');
  assert.equal(log.hasNextUnstable, false);
});

test('a gap between snapshot and log stops the member', () => {
  assert.throws(() => new Log(initial, snapshotOf(4, 2), entriesFrom(6, [2])));
  assert.throws(() => new Log(initial, undefined, entriesFrom(2, [1])));
});

test('a gap within the log, or a term that falls along it, stops the member', () => {
  assert.throws(() => new Log(initial, undefined, [...entriesOf([1]), ...entriesFrom(3, [1])]));
  assert.throws(() => logOf(2, 1));
});

// The transfer of a snapshot ended, the process died before the write that replaces the log.
test('a snapshot that the log does not contain replaces it at the start', () => {
  for (const entries of [entriesOf([1, 1]), entriesOf([1, 1, 1, 1, 1])]) {
    const log = new Log(initial, snapshotOf(4, 2), entries);
    assert.deepEqual([log.firstIndex, log.lastIndex, log.stableIndex], [5, 4, 0]);
    assert.equal(log.takeUnstable().snapshot?.lastIncludedIndex, 4);
    log.persisted();
    assert.equal(log.stableIndex, 4);
  }
});

// Reference: Raft, section 5.4.1.
test('of two logs the one with the later last term is more up-to-date, then the longer one', () => {
  const log = logOf(1, 2, 2);
  const cases = [
    { last: [3, 2], upToDate: true },
    { last: [4, 2], upToDate: true },
    { last: [2, 2], upToDate: false },
    { last: [1, 3], upToDate: true },
    { last: [9, 1], upToDate: false },
  ];
  for (const { last, upToDate } of cases) {
    const [index = 0, lastTerm = 0] = last;
    assert.equal(log.isUpToDate(logIndex(index), term(lastTerm)), upToDate, `last ${last}`);
  }
});

test('a slice holds what fits the limit, but one entry at least', () => {
  const log = logOf(1, 1, 1, 1);
  const one = entryBytes(new Uint8Array(1));
  const cases = [
    { bytesMax: 0, length: 1 },
    { bytesMax: one, length: 1 },
    { bytesMax: 2 * one - 1, length: 1 },
    { bytesMax: 2 * one, length: 2 },
    { bytesMax: 100 * one, length: 3 },
  ];
  for (const { bytesMax, length } of cases) {
    const entries = log.slice(logIndex(2), logIndex(4), bytesMax);
    assert.equal(entries.length, length, `at most ${bytesMax}`);
    assert.equal(entries[0]?.index, 2);
  }
});

test('the ends of terms are found as by looking at every entry', () => {
  const rising = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(rising, fc.nat(11), fc.nat(20), (steps, position, limit) => {
      let latest = 1;
      const terms = steps.map((step) => {
        latest += step;
        return latest;
      });
      const log = logOf(...terms);
      const index = 1 + (position % terms.length);
      const wanted = terms[index - 1] ?? 0;
      assert.equal(log.firstOfTermAt(logIndex(index)), 1 + terms.indexOf(wanted));
      const within = terms.slice(0, index);
      const last = 1 + within.findLastIndex((t) => t <= limit);
      assert.equal(log.lastAtMost(term(limit), logIndex(index)), last);
    }),
  );
});

test('only what a finished write held, and was not truncated since, is durable', () => {
  const log = logOf();
  const append = (first: number, ...terms: readonly number[]) => {
    for (const entry of entriesFrom(first, terms)) log.append(entry);
  };
  append(1, 1, 1, 1);
  assert.equal(log.durableWith(logIndex(1)), 'next');
  assert.equal(log.takeUnstable().entries.length, 3);
  assert.equal(log.durableWith(logIndex(3)), 'inProgress');
  log.truncate(logIndex(2));
  append(2, 2, 2);
  assert.equal(log.durableWith(logIndex(1)), 'inProgress');
  assert.equal(log.durableWith(logIndex(2)), 'next', 'the write in progress holds another entry 2');
  log.persisted();
  assert.equal(log.stableIndex, 1);
  assert.deepEqual(
    log.takeUnstable().entries.map((entry) => entry.index),
    [2, 3],
  );
  log.persisted();
  assert.equal(log.stableIndex, 3);
  assert.equal(log.hasNextUnstable, false);
});

test('a durable entry that is truncated is not durable any more', () => {
  const log = logOf(1, 1, 1);
  log.truncate(logIndex(3));
  for (const entry of entriesFrom(3, [2])) log.append(entry);
  assert.equal(log.stableIndex, 2);
  assert.equal(log.takeUnstable().entries.length, 1);
});

test('nothing of a log is durable from the moment a snapshot replaces it to the end of its write', () => {
  const log = logOf(1, 1, 1);
  for (const entry of entriesFrom(4, [1])) log.append(entry);
  log.takeUnstable();
  log.replace(snapshotOf(9, 2));
  log.persisted();
  assert.equal(log.stableIndex, 0, 'the write in progress held the old log');
  for (const entry of entriesFrom(10, [3])) log.append(entry);
  const { snapshot, entries } = log.takeUnstable();
  assert.deepEqual([snapshot?.lastIncludedIndex, entries[0]?.index], [9, 10]);
  assert.equal(log.takeUnstable().snapshot, undefined, 'handed out once');
  log.persisted();
  assert.equal(log.stableIndex, 10);
});

test('a compaction keeps the term before the first entry, and forgets only durable entries', () => {
  const log = logOf(1, 1, 2, 2);
  log.compact(logIndex(3));
  assert.deepEqual([log.firstIndex, log.termAt(logIndex(3)), log.lastIndex], [4, 2, 4]);
  log.compact(logIndex(1));
  assert.equal(log.firstIndex, 4, 'an older compaction changes nothing');
  for (const entry of entriesFrom(5, [2])) log.append(entry);
  assert.throws(() => log.compact(logIndex(5)));
  assert.throws(() => log.truncate(logIndex(3)));
});

test('a configuration is in use from the moment it is appended, until it is truncated', () => {
  const log = logOf(1, 1);
  const changed = configurationOf(['a', 'b'], ['c']);
  const entry = { index: logIndex(3), term: term(1), type: 'configuration' as const };
  log.append({ ...entry, data: encodeConfiguration(changed) });
  assert.deepEqual(log.configuration, changed);
  assert.equal(log.configurationAt(logIndex(2)), initial);
  log.truncate(logIndex(3));
  assert.equal(log.configuration, initial);
});

test('the configuration of the snapshot stands for all before it', () => {
  const older = { index: logIndex(3), term: term(1), type: 'configuration' as const };
  const data = encodeConfiguration(configurationOf(['f'], []));
  const snapshot = snapshotOf(4, 1);
  const log = new Log(initial, snapshot, [{ ...older, data }, ...entriesFrom(4, [1])]);
  assert.equal(log.configuration, snapshot.configuration);
});
