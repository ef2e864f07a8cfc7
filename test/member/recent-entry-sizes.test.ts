import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentEntrySizes } from '../../src/member/recent-entry-sizes.js';

function recentSizesOf(entriesMax: number, added: readonly number[]): RecentEntrySizes {
  const sizes = new RecentEntrySizes(entriesMax);
  for (const size of added) sizes.add(size);
  return sizes;
}

test('the newest entries are kept as long as they fit', () => {
  assert.equal(recentSizesOf(10, [5, 5, 5]).entriesWithin(100, 10), 2);
  assert.equal(recentSizesOf(10, [1, 9, 1]).entriesWithin(100, 9), 1);
  assert.equal(recentSizesOf(10, [20]).entriesWithin(100, 10), 0);
  assert.equal(recentSizesOf(10, []).entriesWithin(100, 10), 0);
});

test('no more entries are kept than are remembered, nor than are asked for', () => {
  assert.equal(recentSizesOf(3, [1, 1, 1, 1, 1]).entriesWithin(100, 100), 3);
  assert.equal(recentSizesOf(3, [1, 1, 1, 1, 7]).entriesWithin(100, 7), 1);
  assert.equal(recentSizesOf(0, [1, 1]).entriesWithin(100, 100), 0);
  assert.equal(recentSizesOf(10, [1, 1, 1, 1, 1]).entriesWithin(2, 100), 2);
});
