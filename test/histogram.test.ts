import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doublingBounds, Histogram } from '../src/histogram.js';

test('a bucket includes its upper bound, and what is above all bounds is counted too', () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0, 1, 1.5, 10, 11, 1000]) histogram.add(value);
  assert.deepEqual(histogram.describe(), { bounds: [1, 10], counts: [2, 2, 2], sum: 1023.5 });
});

test('what was described does not change with later values', () => {
  const histogram = new Histogram([1]);
  const before = histogram.describe();
  histogram.add(0.5);
  assert.deepEqual(before.counts, [0, 0]);
});

test('doubling bounds begin with the first', () => {
  assert.deepEqual(doublingBounds(0.5, 4), [0.5, 1, 2, 4]);
});
