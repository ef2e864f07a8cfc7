import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotPace } from '../../src/member/snapshot-pace.js';

function paceAfter(entries: number, entryBytes: number): SnapshotPace {
  const pace = new SnapshotPace({ snapshotCount: 10, snapshotLogBytesMax: 5000 });
  for (let count = 0; count < entries; count += 1) pace.add(entryBytes);
  return pace;
}

test('the first snapshot is due after as many entries as were asked for', () => {
  assert.equal(paceAfter(9, 100).isDue(0), false);
  assert.equal(paceAfter(10, 100).isDue(0), true);
});

test('a snapshot of a large state waits until the log has grown by twice as much', () => {
  assert.equal(paceAfter(39, 100).isDue(2000), false);
  assert.equal(paceAfter(40, 100).isDue(2000), true);
});

test('a snapshot of a small state does not come sooner for it', () => {
  assert.equal(paceAfter(9, 100).isDue(100), false);
});

test('however large the state, the log does not outgrow its limit', () => {
  assert.equal(paceAfter(49, 100).isDue(1_000_000), false);
  assert.equal(paceAfter(50, 100).isDue(1_000_000), true);
});

test('a few large entries make a snapshot due before they are as many', () => {
  assert.equal(paceAfter(2, 2500).isDue(0), true);
});

test('what was applied before the last snapshot counts no more', () => {
  const pace = paceAfter(10, 100);
  pace.restart();
  pace.add(100);
  assert.equal(pace.isDue(0), false);
});
