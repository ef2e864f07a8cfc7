import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotOf } from '../../src/cli/slot.js';

const hour = 3_600_000;

test('a slot is named by its beginning, in UTC, and begins a little early', () => {
  const slots: readonly (readonly [time: string, everyMs: number, slot: string])[] = [
    ['2030-01-31T15:00:00Z', hour, '2030-01-31T15:00:00Z'],
    ['2030-01-31T15:58:59Z', hour, '2030-01-31T15:00:00Z'],
    ['2030-01-31T15:59:00Z', hour, '2030-01-31T16:00:00Z'],
    ['2030-01-31T23:59:30Z', 24 * hour, '2030-02-01T00:00:00Z'],
    ['2030-01-31T15:00:53Z', 60_000, '2030-01-31T15:00:00Z'],
    ['2030-01-31T15:00:54Z', 60_000, '2030-01-31T15:01:00Z'],
  ];
  for (const [time, everyMs, slot] of slots) assert.equal(slotOf(new Date(time), everyMs), slot);
});
