import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trail } from '../../src/member/trail.js';

function trailOf(entriesMax: number, sizes: readonly number[]): Trail {
  const trail = new Trail(entriesMax);
  for (const size of sizes) trail.add(size);
  return trail;
}

test('the newest entries are kept as long as they fit', () => {
  assert.equal(trailOf(10, [5, 5, 5]).entriesWithin(100, 10), 2);
  assert.equal(trailOf(10, [1, 9, 1]).entriesWithin(100, 9), 1);
  assert.equal(trailOf(10, [20]).entriesWithin(100, 10), 0);
  assert.equal(trailOf(10, []).entriesWithin(100, 10), 0);
});

test('no more entries are kept than the trail remembers, nor than are asked for', () => {
  assert.equal(trailOf(3, [1, 1, 1, 1, 1]).entriesWithin(100, 100), 3);
  assert.equal(trailOf(3, [1, 1, 1, 1, 7]).entriesWithin(100, 7), 1);
  assert.equal(trailOf(0, [1, 1]).entriesWithin(100, 100), 0);
  assert.equal(trailOf(10, [1, 1, 1, 1, 1]).entriesWithin(2, 100), 2);
});
